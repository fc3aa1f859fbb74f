#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

/// How the statements of a revision are run.
enum class transaction_mode {
    together,  ///< In a transaction; statements that cannot be in one stand between transactions.
    separately ///< Each by itself.
};

/// One file of `versions/`.
struct revision {
    std::string id;
    std::vector<std::string> parents; ///< Several: it merges them.
    std::vector<std::string> labels;
    std::string message;
    std::string date;
    transaction_mode mode = transaction_mode::together;
    std::optional<std::chrono::milliseconds> lock_timeout;
    std::optional<std::chrono::milliseconds> statement_timeout;
    std::string upgrade;   ///< SQL
    std::string downgrade; ///< SQL
    std::filesystem::path file;

    /// What says whether it was edited after it had been applied: SHA-256 of both sections, in hexadecimal digits.
    [[nodiscard]] std::string content_hash() const;
};

/// @throws usage_error  The file is not a revision; the message names it and the line.
revision parse_revision(std::string_view text, const std::filesystem::path& file);
std::string format_revision(const revision& of);

/// "add users table" is "add_users_table"; at most forty characters, cut at the end of a word.
std::string slug_of(std::string_view message);

/// Twelve hexadecimal digits that no other revision has.
std::string new_revision_id();

/// Ids and labels are parts of what is typed on a command line: `label@head-1`.
/// @throws usage_error  It could be taken for something else, or is longer than what the version table holds.
void require_plain_name(std::string_view name);

/// "5s", "500ms", "10min", "0".
/// @throws usage_error  It is something else.
std::chrono::milliseconds parse_duration(std::string_view text);

} // namespace tusk::migrate::detail
