#pragma once

#include <optional>

namespace tusk::detail {

/// A C++ type with and without its NULL.
template <class T>
struct optional_value {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct optional_value<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};

template <class T>
using without_optional = typename optional_value<T>::type;

} // namespace tusk::detail
