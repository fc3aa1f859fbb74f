#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/codec/bytes.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace tusk::detail {

/// What a nested C++ container is as an array: how many dimensions, and of what. Anything else is an element.
template <class T>
struct array_shape {
    using element = T;
    static constexpr std::size_t rank = 0;
};
template <class T>
struct array_shape<std::vector<T>> {
    using element = typename array_shape<T>::element;
    static constexpr std::size_t rank = array_shape<T>::rank + 1;
};
template <class T, std::size_t N>
struct array_shape<std::array<T, N>> {
    using element = typename array_shape<T>::element;
    static constexpr std::size_t rank = array_shape<T>::rank + 1;
};
/// bytea
template <>
struct array_shape<std::vector<std::byte>> {
    using element = std::vector<std::byte>;
    static constexpr std::size_t rank = 0;
};

/// What `T` is an array of, without the NULL.
template <class T>
using array_value = without_optional<typename array_shape<T>::element>;

} // namespace tusk::detail
