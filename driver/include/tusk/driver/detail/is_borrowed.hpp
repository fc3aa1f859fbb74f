#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/aggregate.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

namespace tusk {

template <class T>
class range;
template <class T>
class multirange;

} // namespace tusk

namespace tusk::detail {

/// An aggregate whose members can be named: it stands for a row, or for a composite value.
template <class T>
concept member_aggregate = std::is_aggregate_v<T> && std::is_class_v<T> && (member_count<T>() != 0);

template <class T>
constexpr bool borrows();

/// Of an aggregate with a codec of its own the members are nobody's business.
template <class T>
constexpr bool member_borrows()
{
    if constexpr (requires { codec<T>::name; } && !requires { codec<T>::is_plain_composite; })
        return false;
    else
        return borrows<member_types<T>>();
}

/// A value that points into the result instead of owning its bytes, or holds such a value.
template <class T>
inline constexpr bool is_borrowed = false;
template <member_aggregate T>
inline constexpr bool is_borrowed<T> = member_borrows<T>();
template <>
inline constexpr bool is_borrowed<std::string_view> = true;
template <class T, std::size_t N>
inline constexpr bool is_borrowed<std::span<T, N>> = true;
template <class T>
inline constexpr bool is_borrowed<std::optional<T>> = borrows<T>();
template <class T>
inline constexpr bool is_borrowed<std::vector<T>> = borrows<T>();
template <class T, std::size_t N>
inline constexpr bool is_borrowed<std::array<T, N>> = borrows<T>();
template <class T>
inline constexpr bool is_borrowed<array<T>> = borrows<T>();
template <class T>
inline constexpr bool is_borrowed<range<T>> = borrows<T>();
template <class T>
inline constexpr bool is_borrowed<multirange<T>> = borrows<T>();
template <class... T>
inline constexpr bool is_borrowed<std::tuple<T...>> = (borrows<T>() || ...);
template <class... T>
inline constexpr bool is_borrowed<std::variant<T...>> = (borrows<T>() || ...);

template <class T>
constexpr bool borrows()
{
    return is_borrowed<T>;
}

} // namespace tusk::detail
