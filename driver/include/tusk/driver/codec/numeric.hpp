#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/numeric.hpp>

namespace tusk {

/// Reads integers too, which are numbers without digits after the point.
template <>
struct codec<numeric> {
    static constexpr std::string_view name = "tusk::numeric";
    static constexpr std::string_view fits = "numeric, bigint, integer, smallint";
    static decode_function<numeric> decoder(oid type, format as) noexcept;
    static encode_plan<numeric> encoder(oid type) noexcept;
};

namespace detail {

/// Writes the binary form of numeric.
void encode_numeric(const numeric& value, byte_writer& out);

} // namespace detail

} // namespace tusk
