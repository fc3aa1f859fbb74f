#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/interval.hpp>

#include <chrono>

namespace tusk {

template <>
struct codec<interval> {
    static constexpr std::string_view name = "tusk::interval";
    static constexpr std::string_view fits = "interval";
    static decode_function<interval> decoder(oid type, format as) noexcept;
    static encode_plan<interval> encoder(oid type) noexcept;
};

namespace detail {

interval decode_interval_binary(std::span<const std::byte> bytes);
interval decode_interval_text(std::span<const std::byte> bytes);
void encode_interval(const interval& value, byte_writer& out);

} // namespace detail

/// Durations in any unit from microseconds upwards; which part of an interval each unit is stands at
/// `interval::to_duration`. Reading an interval with other parts is a `decode_error`.
template <class Rep, class Period>
    requires detail::microsecond_exact<std::chrono::duration<Rep, Period>>
struct codec<std::chrono::duration<Rep, Period>> {
    using value_type = std::chrono::duration<Rep, Period>;

    static constexpr std::string_view name = "std::chrono::duration";
    static constexpr std::string_view fits = "interval";

    static decode_function<value_type> decoder(oid type, format as) noexcept
    {
        if (codec<interval>::decoder(type, as) == nullptr)
            return nullptr;
        if (as == format::text)
            return [](std::span<const std::byte> bytes) {
                return detail::decode_interval_text(bytes).to_duration<value_type>();
            };
        return [](std::span<const std::byte> bytes) {
            return detail::decode_interval_binary(bytes).to_duration<value_type>();
        };
    }

    static encode_plan<value_type> encoder(oid type) noexcept
    {
        if (codec<interval>::encoder(type).write == nullptr)
            return {};
        return {[](const value_type& value, byte_writer& out) { detail::encode_interval(interval{value}, out); },
                format::binary};
    }
};

} // namespace tusk
