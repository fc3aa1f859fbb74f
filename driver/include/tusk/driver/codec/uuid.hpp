#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/uuid.hpp>

namespace tusk {

template <>
struct codec<uuid> {
    static constexpr std::string_view name = "tusk::uuid";
    static constexpr std::string_view fits = "uuid";
    static decode_function<uuid> decoder(oid type, format as) noexcept;
    static encode_plan<uuid> encoder(oid type) noexcept;
};

} // namespace tusk
