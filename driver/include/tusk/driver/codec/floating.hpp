#pragma once

#include <tusk/driver/codec.hpp>

namespace tusk {

/// Encodes for double precision, real and numeric; decodes from real alone, since a double would lose digits.
template <>
struct codec<float> {
    static constexpr std::string_view name = "float";
    static constexpr std::string_view fits = "real";
    static decode_function<float> decoder(oid type, format as) noexcept;
    static encode_plan<float> encoder(oid type) noexcept;
};

/// Encodes for double precision, real (rounded; a value beyond its range is an `encode_error`) and numeric (the
/// shortest digits that give the same double). NaN and the infinities are values of all three.
template <>
struct codec<double> {
    static constexpr std::string_view name = "double";
    static constexpr std::string_view fits = "double precision, real";
    static decode_function<double> decoder(oid type, format as) noexcept;
    static encode_plan<double> encoder(oid type) noexcept;
};

} // namespace tusk
