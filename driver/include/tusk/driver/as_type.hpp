#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/owned.hpp>
#include <tusk/driver/oid.hpp>

#include <string_view>
#include <utility>

namespace tusk {

/// A parameter whose server type its sender has named; made by `as_type`.
template <class T>
class typed_value
{
public:
    typed_value(oid type, T value) : type_{type}, value_{std::move(value)} {}

    [[nodiscard]] oid type() const noexcept { return type_; }
    [[nodiscard]] const T& value() const noexcept { return value_; }

private:
    oid type_;
    T value_;
};

namespace detail {

/// @throws usage_error  It is not the name of a built-in type.
oid declared_type(std::string_view name);

} // namespace detail

/// Declares the type of a parameter where the server would decide another one, or cannot decide:
/// `now() - $1` with `as_type("interval", "1 hour")`.
///
/// @param name   A built-in type by its SQL or internal name: "bigint", "int8", "timestamp with time zone", "text[]".
/// @param value  The value; text is taken over, so nothing dangles.
/// @throws usage_error  `name` is not a built-in type. For types of your own write a cast into the SQL: `$1::mood`.
template <class T>
[[nodiscard]] auto as_type(std::string_view name, T&& value)
{
    using stored = detail::owned<T>;
    return typed_value<stored>{detail::declared_type(name), detail::take_ownership(std::forward<T>(value))};
}

} // namespace tusk
