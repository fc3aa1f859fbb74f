#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/detail/join.hpp>

#include <optional>
#include <string_view>

namespace tusk::detail {

/// What a part of a container is called in messages, with its NULL.
template <class T>
struct element_name {
    static constexpr std::string_view value = codec<T>::name;
};
template <class T>
struct element_name<std::optional<T>> {
    static constexpr std::string_view inner = codec<T>::name;
    static constexpr std::string_view value = joined<words::in_optional, inner, words::close>::value;
};

} // namespace tusk::detail
