#pragma once

#include <tusk/driver/date.hpp>
#include <tusk/driver/detail/optional_value.hpp>
#include <tusk/driver/interval.hpp>
#include <tusk/driver/numeric.hpp>
#include <tusk/driver/range.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>
#include <tusk/orm/deferred.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Which C++ types may meet in an expression, and what comes of them.
namespace tusk::orm::detail {

/// The value itself: without NULL.
template <class T>
using plain = tusk::detail::without_optional<std::remove_cvref_t<T>>;

template <class T>
inline constexpr bool is_nullable = tusk::detail::optional_value<std::remove_cvref_t<T>>::optional;

/// `T` where NULL can come of it.
template <class T>
using nullable_of = std::optional<plain<T>>;

/// NULL can come of it when it can come of one of the operands.
template <class Result, class... Operands>
using nullable_with = std::conditional_t<(is_nullable<Operands> || ...), nullable_of<Result>, Result>;

template <class T>
concept integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;
template <class T>
concept number = integer<T> || std::floating_point<T> || std::same_as<T, numeric>;
template <class T>
concept text = std::convertible_to<const T&, std::string_view>;

template <class T>
inline constexpr bool is_chrono_time = false;
template <class Clock, class Duration>
inline constexpr bool is_chrono_time<std::chrono::time_point<Clock, Duration>> = true;
template <class T>
inline constexpr bool is_duration = false;
template <class Count, class Period>
inline constexpr bool is_duration<std::chrono::duration<Count, Period>> = true;

/// A moment or a day: PostgreSQL compares them with each other.
template <class T>
concept time = std::same_as<T, timestamptz> || std::same_as<T, timestamp> || std::same_as<T, date> || is_chrono_time<T>;
/// A day that is not a time of day.
template <class T>
concept day = std::same_as<T, date> || std::same_as<T, std::chrono::sys_days> ||
              std::same_as<T, std::chrono::local_days> || std::same_as<T, std::chrono::year_month_day>;
template <class T>
concept span_of_time = std::same_as<T, interval> || is_duration<T>;

/// Of expressions: both have values that PostgreSQL compares.
template <class A, class B>
concept comparable_values = std::same_as<A, B> || (number<A> && number<B>) || (text<A> && text<B>) ||
                            (time<A> && time<B>) || (span_of_time<A> && span_of_time<B>);

/// A C++ value can stand where an expression has the type `T`.
template <class T, class Value>
concept binds_to = std::same_as<T, Value> || (number<T> && number<Value>) || (text<T> && text<Value>) ||
                   (!number<T> && !std::same_as<T, bool> && !number<Value> && !std::same_as<Value, bool> &&
                    std::convertible_to<const Value&, T>);

template <class T>
struct list_element {
    using type = void;
};
template <class T>
struct list_element<std::vector<T>> {
    using type = T;
};
template <>
struct list_element<std::vector<std::byte>> {
    using type = void;
};
template <class T, std::size_t N>
struct list_element<std::array<T, N>> {
    using type = T;
};
/// What an array consists of; `void` where it is none.
template <class T>
using element_of = typename list_element<plain<T>>::type;
template <class T>
concept list = !std::is_void_v<element_of<T>>;

template <class T>
inline constexpr bool is_range_type = false;
template <class T>
inline constexpr bool is_range_type<range<T>> = true;
template <class T>
inline constexpr bool is_range_type<multirange<T>> = true;

/// What +, -, *, / and % give.
template <class A, class B>
struct arithmetic {
};
template <integer A, integer B>
struct arithmetic<A, B> {
    using type = std::conditional_t<(sizeof(A) >= sizeof(B)), A, B>;
};
template <number A, number B>
    requires(!(integer<A> && integer<B>))
struct arithmetic<A, B> {
    static constexpr bool inexact = std::floating_point<A> || std::floating_point<B>;
    static constexpr bool single = std::same_as<A, float> && std::same_as<B, float>;
    using type = std::conditional_t<single, float, std::conditional_t<inexact, double, numeric>>;
};

template <class A, class B>
struct sum_of : arithmetic<A, B> {
};
template <time A, span_of_time B>
struct sum_of<A, B> {
    using type = std::conditional_t<day<A>, timestamp, A>;
};
template <span_of_time A, time B>
struct sum_of<A, B> : sum_of<B, A> {
};
template <span_of_time A, span_of_time B>
struct sum_of<A, B> {
    using type = interval;
};
template <day A, integer B>
struct sum_of<A, B> {
    using type = A;
};

template <class A, class B>
struct difference_of : arithmetic<A, B> {
};
template <time A, span_of_time B>
struct difference_of<A, B> : sum_of<A, B> {
};
template <span_of_time A, span_of_time B>
struct difference_of<A, B> {
    using type = interval;
};
template <day A, integer B>
struct difference_of<A, B> {
    using type = A;
};
template <time A, time B>
struct difference_of<A, B> {
    using type = std::conditional_t<day<A> && day<B>, int, interval>;
};

template <class A, class B>
struct product_of : arithmetic<A, B> {
};
template <span_of_time A, number B>
struct product_of<A, B> {
    using type = interval;
};
template <number A, span_of_time B>
struct product_of<A, B> {
    using type = interval;
};

template <class A, class B>
struct quotient_of : arithmetic<A, B> {
};
template <span_of_time A, number B>
struct quotient_of<A, B> {
    using type = interval;
};

} // namespace tusk::orm::detail
