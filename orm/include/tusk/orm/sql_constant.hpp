#pragma once

#include <tusk/driver/date.hpp>
#include <tusk/driver/timestamptz.hpp>

#include <string_view>

namespace tusk::orm {

/// A piece of SQL without parameters that has a value: a default in a mapping, an operand in a query.
/// @tparam T  What the value is in C++; `void` where only the server needs to know.
template <class T>
class sql_constant
{
public:
    using value_type = T;

    /// @param text  Must live as long as the mapping or statement: a literal.
    constexpr explicit sql_constant(std::string_view text) noexcept : text_{text} {}

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// SQL as it stands, for `server_default`, `on_update` and as an operand: `orm::sql<int>("1 + 1")`.
template <class T = void>
[[nodiscard]] constexpr sql_constant<T> sql(std::string_view text) noexcept
{
    return sql_constant<T>{text};
}

/// The time at which the transaction started.
[[nodiscard]] constexpr sql_constant<timestamptz> now() noexcept { return sql_constant<timestamptz>{"now()"}; }

/// The date on which the transaction started, in the session's time zone.
[[nodiscard]] constexpr sql_constant<date> current_date() noexcept { return sql_constant<date>{"CURRENT_DATE"}; }

} // namespace tusk::orm
