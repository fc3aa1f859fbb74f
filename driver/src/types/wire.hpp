#pragma once

#include "types/failures.hpp"

#include <tusk/driver/detail/big_endian.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace tusk::types {

/// Reads a binary value that is one integer and nothing else.
/// @throws decode_error  The length differs.
template <std::integral Wire>
Wire load_exactly(std::span<const std::byte> bytes, std::string_view type)
{
    if (bytes.size() != sizeof(Wire)) [[unlikely]]
        fail_length(type, sizeof(Wire), bytes.size());
    return detail::load_big_endian<Wire>(bytes.data());
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace tusk::types
