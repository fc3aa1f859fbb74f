#pragma once

#include <cstddef>
#include <string_view>

namespace tusk::detail {

// The little of SQL's surface that has to be known to find something in a text without reading inside of strings,
// quoted names and comments.

/// A character of a name or keyword.
bool is_word(char c);

/// The end of the string literal, quoted identifier, dollar-quoted string or comment that starts at `from`, or `from`
/// where none does.
std::size_t skip_opaque(std::string_view sql, std::size_t from);

/// Where the first word of a statement begins, behind white space and comments.
std::size_t skip_blank(std::string_view sql);

/// The end of the parenthesis that opens at `open`: the place of the closing one, or the end of the text.
std::size_t closing_parenthesis(std::string_view sql, std::size_t open);

/// Whether a keyword stands at that place, in upper or lower case and not as part of a longer word.
bool has_word(std::string_view sql, std::size_t at, std::string_view word);

} // namespace tusk::detail
