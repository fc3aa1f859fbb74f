#pragma once

#include <tusk/driver/bit_string.hpp>
#include <tusk/driver/codec.hpp>

namespace tusk {

template <>
struct codec<bit_string> {
    static constexpr std::string_view name = "tusk::bit_string";
    static constexpr std::string_view fits = "bit, bit varying";
    static decode_function<bit_string> decoder(oid type, format as) noexcept;
    static encode_plan<bit_string> encoder(oid type) noexcept;
};

} // namespace tusk
