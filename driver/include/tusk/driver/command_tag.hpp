#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tusk {

/// What the server says when a command is complete: "INSERT 0 3", "SELECT 1", "CREATE TABLE".
class command_tag
{
public:
    command_tag() = default;
    explicit command_tag(std::string_view text) : text_{text} {}

    /// The command without its counts: "INSERT", "CREATE TABLE". Empty for an empty statement.
    [[nodiscard]] std::string_view command() const noexcept;

    /// Rows inserted, updated, deleted, merged, copied, moved, fetched or selected; 0 for commands that count nothing.
    [[nodiscard]] std::uint64_t rows_affected() const noexcept;

    /// The whole tag as it came.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    friend bool operator==(const command_tag&, const command_tag&) = default;

private:
    std::string text_;
};

} // namespace tusk
