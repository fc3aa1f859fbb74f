#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/bit_string.hpp>
#include <tusk/driver/cidr.hpp>
#include <tusk/driver/date.hpp>
#include <tusk/driver/detail/join.hpp>
#include <tusk/driver/enum_names.hpp>
#include <tusk/driver/geometry.hpp>
#include <tusk/driver/inet.hpp>
#include <tusk/driver/interval.hpp>
#include <tusk/driver/macaddr.hpp>
#include <tusk/driver/macaddr8.hpp>
#include <tusk/driver/money.hpp>
#include <tusk/driver/numeric.hpp>
#include <tusk/driver/pg_lsn.hpp>
#include <tusk/driver/range.hpp>
#include <tusk/driver/time_of_day.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>
#include <tusk/driver/timetz.hpp>
#include <tusk/driver/uuid.hpp>
#include <tusk/orm/detail/literal.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tusk::orm {

/// The column type of a C++ type, where the mapping names none with `orm::type("...")`.
///
/// The customisation point for types of your own: a specialisation gives `static std::string name()`, the type as it
/// stands in CREATE TABLE. The value itself travels by its `tusk::codec`.
template <class T>
struct column_type;

/// A C++ type that has a column type by itself.
template <class T>
concept has_column_type = requires { column_type<T>::name(); };

/// The name of a C++ enum's type in the database; its own name in lower case where this is not specialised.
///
///     template <> inline constexpr std::string_view tusk::orm::enum_type<mood> = "mood_of_day";
template <class Enum>
inline constexpr std::string_view enum_type = {};

namespace detail {

/// "blog::post_state" is "post_state", `BigMood` is "big_mood".
std::string snake_case_name(std::string_view qualified);

template <literal Name>
struct named_column_type {
    static std::string name() { return Name.text; }
};

} // namespace detail

// clang-format off
template <> struct column_type<bool> : detail::named_column_type<"boolean"> {};
template <> struct column_type<short> : detail::named_column_type<"smallint"> {};
template <> struct column_type<int> : detail::named_column_type<"integer"> {};
template <> struct column_type<long> : detail::named_column_type<"bigint"> {};
template <> struct column_type<long long> : detail::named_column_type<"bigint"> {};
template <> struct column_type<unsigned> : detail::named_column_type<"oid"> {};
template <> struct column_type<unsigned long> : detail::named_column_type<"xid8"> {};
template <> struct column_type<unsigned long long> : detail::named_column_type<"xid8"> {};
template <> struct column_type<float> : detail::named_column_type<"real"> {};
template <> struct column_type<double> : detail::named_column_type<"double precision"> {};
template <> struct column_type<numeric> : detail::named_column_type<"numeric"> {};
template <> struct column_type<money> : detail::named_column_type<"money"> {};
template <> struct column_type<std::string> : detail::named_column_type<"text"> {};
template <> struct column_type<char> : detail::named_column_type<"\"char\""> {};
template <> struct column_type<std::vector<std::byte>> : detail::named_column_type<"bytea"> {};
template <> struct column_type<uuid> : detail::named_column_type<"uuid"> {};
template <> struct column_type<date> : detail::named_column_type<"date"> {};
template <> struct column_type<std::chrono::sys_days> : detail::named_column_type<"date"> {};
template <> struct column_type<std::chrono::local_days> : detail::named_column_type<"date"> {};
template <> struct column_type<std::chrono::year_month_day> : detail::named_column_type<"date"> {};
template <> struct column_type<time_of_day> : detail::named_column_type<"time"> {};
template <> struct column_type<timetz> : detail::named_column_type<"timetz"> {};
template <> struct column_type<timestamp> : detail::named_column_type<"timestamp"> {};
template <> struct column_type<timestamptz> : detail::named_column_type<"timestamptz"> {};
template <> struct column_type<interval> : detail::named_column_type<"interval"> {};
template <> struct column_type<bit_string> : detail::named_column_type<"varbit"> {};
template <> struct column_type<inet> : detail::named_column_type<"inet"> {};
template <> struct column_type<cidr> : detail::named_column_type<"cidr"> {};
template <> struct column_type<macaddr> : detail::named_column_type<"macaddr"> {};
template <> struct column_type<macaddr8> : detail::named_column_type<"macaddr8"> {};
template <> struct column_type<point> : detail::named_column_type<"point"> {};
template <> struct column_type<line> : detail::named_column_type<"line"> {};
template <> struct column_type<lseg> : detail::named_column_type<"lseg"> {};
template <> struct column_type<box> : detail::named_column_type<"box"> {};
template <> struct column_type<path> : detail::named_column_type<"path"> {};
template <> struct column_type<polygon> : detail::named_column_type<"polygon"> {};
template <> struct column_type<circle> : detail::named_column_type<"circle"> {};
template <> struct column_type<pg_lsn> : detail::named_column_type<"pg_lsn"> {};
template <> struct column_type<std::map<std::string, std::optional<std::string>>> : detail::named_column_type<"hstore"> {};
// clang-format on

/// Moments are timestamptz, wall-clock times timestamp: what SQLAlchemy leaves to the programmer is the type's
/// business.
template <class Duration>
struct column_type<std::chrono::sys_time<Duration>> : detail::named_column_type<"timestamptz"> {
};
template <class Duration>
struct column_type<std::chrono::local_time<Duration>> : detail::named_column_type<"timestamp"> {
};
template <class Count, class Period>
struct column_type<std::chrono::duration<Count, Period>> : detail::named_column_type<"interval"> {
};

template <class T>
    requires has_column_type<T>
struct column_type<std::optional<T>> : column_type<T> {
};

/// A C++ enum with labels (`tusk::enum_names`) is an enum of the database.
template <tusk::detail::named_enum Enum>
struct column_type<Enum> {
    static std::string name()
    {
        if constexpr (!enum_type<Enum>.empty())
            return std::string{enum_type<Enum>};
        else
            return detail::snake_case_name(tusk::detail::class_name<Enum>());
    }
};

namespace detail {

template <class T>
struct array_column_type {
    static std::string name()
    {
        std::string element = column_type<T>::name();
        return element.ends_with("[]") ? element : element + "[]"; // dimensions are not part of the type
    }
};

/// The range over a column type: int4range over integer.
std::string range_type_of(std::string_view subtype, bool multi);

} // namespace detail

template <class T>
    requires has_column_type<T>
struct column_type<std::vector<T>> : detail::array_column_type<T> {
};
template <class T, std::size_t N>
    requires has_column_type<T>
struct column_type<std::array<T, N>> : detail::array_column_type<T> {
};
template <class T>
    requires has_column_type<T>
struct column_type<array<T>> : detail::array_column_type<T> {
};
template <class T>
    requires has_column_type<T>
struct column_type<range<T>> {
    static std::string name() { return detail::range_type_of(column_type<T>::name(), false); }
};
template <class T>
    requires has_column_type<T>
struct column_type<multirange<T>> {
    static std::string name() { return detail::range_type_of(column_type<T>::name(), true); }
};

} // namespace tusk::orm
