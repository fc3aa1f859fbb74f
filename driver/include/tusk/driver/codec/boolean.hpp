#pragma once

#include <tusk/driver/codec.hpp>

namespace tusk {

template <>
struct codec<bool> {
    static constexpr std::string_view name = "bool";
    static constexpr std::string_view fits = "boolean";
    static decode_function<bool> decoder(oid type, format as) noexcept;
    static encode_plan<bool> encoder(oid type) noexcept;
};

} // namespace tusk
