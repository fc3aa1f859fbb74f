#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk {

/// A value of a C++ enum and the label that it has in PostgreSQL.
template <class Enum>
struct enum_name {
    Enum value{};
    std::string_view label;
};

/// The labels of a C++ enum. Specialise it, and the enum can be a parameter and a column:
///
///     template <> inline constexpr auto tusk::enum_names<mood> = tusk::name_enum<mood>({{mood::sad, "sad"}, {mood::ok,
///     "ok"}});
template <class Enum>
inline constexpr std::nullptr_t enum_names{};

/// Makes what `enum_names` is specialised with.
template <class Enum, std::size_t N>
consteval std::array<enum_name<Enum>, N> name_enum(const enum_name<Enum> (&names)[N])
{
    return std::to_array(names);
}

namespace detail {

template <class T>
concept named_enum = std::is_enum_v<T> && !std::is_null_pointer_v<std::remove_cv_t<decltype(enum_names<T>)>>;

} // namespace detail

} // namespace tusk
