#pragma once

#include <tusk/driver/detail/is_borrowed.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tusk::detail {

template <class T>
struct owned_of {
    using type = T;
};
template <>
struct owned_of<const char*> {
    using type = std::string;
};
template <>
struct owned_of<char*> {
    using type = std::string;
};
template <>
struct owned_of<std::string_view> {
    using type = std::string;
};
template <std::size_t N>
struct owned_of<std::span<const std::byte, N>> {
    using type = std::vector<std::byte>;
};
template <std::size_t N>
struct owned_of<std::span<std::byte, N>> {
    using type = std::vector<std::byte>;
};
template <class T>
struct owned_of<std::optional<T>> {
    using type = std::optional<typename owned_of<T>::type>;
};
/// An array: a list of anything else.
template <class T, std::size_t N>
    requires(!std::is_same_v<std::remove_cv_t<T>, std::byte>)
struct owned_of<std::span<T, N>> {
    using type = std::vector<typename owned_of<std::remove_cv_t<T>>::type>;
};
template <class T>
struct owned_of<std::vector<T>> {
    using type = std::vector<typename owned_of<T>::type>;
};

/// What a request keeps of an argument: a value that refers to nothing, because a request may be awaited long after
/// the full-expression that made it.
template <class A>
using owned = typename owned_of<std::decay_t<A>>::type;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// Converts an argument into its owned form, views included.
template <class A>
owned<A> take_ownership(A&& argument)
{
    using kept = owned<A>;
    static_assert(!borrows<kept>(), "tusk: a parameter holds a view, which may dangle before it is sent: use "
                                    "std::string or std::vector in its place");
    using source = std::decay_t<A>;
    if constexpr (std::is_same_v<kept, source>) {
        return static_cast<A&&>(argument);
    } else if constexpr (std::is_same_v<kept, std::vector<std::byte>>) {
        return kept(argument.begin(), argument.end());
    } else if constexpr (is_vector<kept>) {
        kept elements;
        elements.reserve(argument.size());
        for (const auto& each : argument)
            elements.push_back(take_ownership(each));
        return elements;
    } else if constexpr (requires { argument.has_value(); }) {
        if (!argument)
            return std::nullopt;
        return take_ownership(*argument);
    } else {
        return kept(argument);
    }
}

} // namespace tusk::detail
