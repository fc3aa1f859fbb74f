#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/time_of_day.hpp>
#include <tusk/driver/timetz.hpp>

namespace tusk {

template <>
struct codec<time_of_day> {
    static constexpr std::string_view name = "tusk::time_of_day";
    static constexpr std::string_view fits = "time without time zone";
    static decode_function<time_of_day> decoder(oid type, format as) noexcept;
    static encode_plan<time_of_day> encoder(oid type) noexcept;
};

template <>
struct codec<timetz> {
    static constexpr std::string_view name = "tusk::timetz";
    static constexpr std::string_view fits = "time with time zone";
    static decode_function<timetz> decoder(oid type, format as) noexcept;
    static encode_plan<timetz> encoder(oid type) noexcept;
};

} // namespace tusk
