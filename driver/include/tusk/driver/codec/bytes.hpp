#pragma once

#include <tusk/driver/codec.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace tusk {

template <>
struct codec<std::vector<std::byte>> {
    static constexpr std::string_view name = "std::vector<std::byte>";
    static constexpr std::string_view fits = "bytea";
    static decode_function<std::vector<std::byte>> decoder(oid type, format as) noexcept;
    static encode_plan<std::vector<std::byte>> encoder(oid type) noexcept;
};

/// As a vector, without a copy: a decoded span points into the result and lives as long as it. In text format bytea
/// is written in digits, so a span fits the binary format alone.
template <>
struct codec<std::span<const std::byte>> {
    static constexpr std::string_view name = "std::span<const std::byte>";
    static constexpr std::string_view fits = "bytea in binary format";
    static decode_function<std::span<const std::byte>> decoder(oid type, format as) noexcept;
    static encode_plan<std::span<const std::byte>> encoder(oid type) noexcept;
};

} // namespace tusk
