#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/aggregate.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace tusk::detail {

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

/// The members of a C++ type that stands for several values, as a tuple.
template <class T>
struct members_of {
    using type = member_types<T>;
};
template <class... T>
struct members_of<std::tuple<T...>> {
    using type = std::tuple<T...>;
};

template <class Tuple>
inline constexpr bool all_have_codecs = false;
template <class... T>
inline constexpr bool all_have_codecs<std::tuple<T...>> = sizeof...(T) != 0 && (has_codec<without_optional<T>> && ...);

/// A type that is one composite value by itself, without a codec of its own: a tuple, or an aggregate of values.
template <class T>
concept plain_composite =
    (is_tuple<T> || (member_aggregate<T> && !is_std_array<T>)) && all_have_codecs<typename members_of<T>::type>;

} // namespace tusk::detail
