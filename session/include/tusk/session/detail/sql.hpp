#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tusk::detail {

/// The text of a statement as it is sent: as the caller wrote it, or with the engine's comment behind it.
class sql_text
{
public:
    explicit sql_text(std::string_view plain) noexcept : plain_{plain} {}
    sql_text(std::string_view plain, std::string_view comment) : commented_{plain} { commented_ += comment; }

    operator std::string_view() const noexcept // NOLINT(google-explicit-constructor)
    {
        return commented_.empty() ? plain_ : std::string_view{commented_};
    }

private:
    std::string_view plain_;
    std::string commented_;
};

} // namespace tusk::detail
