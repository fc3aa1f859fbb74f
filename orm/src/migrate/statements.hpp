#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

/// A line `-- [word] text` before a statement: what a reader and the one who runs it should know.
struct mark {
    std::string word; ///< "destructive", "empty", "rewrite", "commit", "irreversible"
    std::string text;
};

struct statement {
    std::string sql; ///< Without its semicolon and the comments before it.
    std::vector<mark> marks;

    /// The text of the first such mark; null where there is none.
    [[nodiscard]] const std::string* find_mark(std::string_view word) const noexcept;
};

/// The statements of a script. Quotes, dollar quotes and comments are respected.
/// @throws usage_error  A quote or comment is not closed.
std::vector<statement> split_statements(std::string_view script);

/// A name or word of a statement, unquoted and, where it had no quotes, in lower case; or a single other character.
struct token {
    std::string text;
    std::string_view source; ///< As it stands there.
    bool is_name = false;
};

/// The names, words and other characters of a statement; literals are one token each, comments are left out.
std::vector<token> tokens_of(std::string_view sql);

/// Whether PostgreSQL refuses it inside a transaction.
bool runs_outside_transactions(std::string_view sql);

/// An index that is built or dropped without keeping writers out.
struct concurrent_index {
    bool is_built = false; ///< Otherwise dropped.
    std::string name;      ///< As it stands in SQL, with the schema of its table.
};
/// @returns  An empty name where the statement is something else.
concurrent_index find_concurrent_index(std::string_view sql);

} // namespace tusk::migrate::detail
