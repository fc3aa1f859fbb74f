#include <tusk/driver/codec/interval.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <cstdint>

namespace tusk {

namespace detail {

interval decode_interval_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "interval"};
    const auto microseconds = reader.take<std::int64_t>();
    const auto days = reader.take<std::int32_t>();
    const auto months = reader.take<std::int32_t>();
    reader.expect_end();
    return {months, days, microseconds};
}

interval decode_interval_text(std::span<const std::byte> bytes) { return interval::parse(types::as_text(bytes)); }

void encode_interval(const interval& value, byte_writer& out)
{
    out.put(value.microseconds());
    out.put(value.days());
    out.put(value.months());
}

} // namespace detail

decode_function<interval> codec<interval>::decoder(oid type, format as) noexcept
{
    if (type != oids::interval)
        return nullptr;
    return as == format::text ? detail::decode_interval_text : detail::decode_interval_binary;
}

encode_plan<interval> codec<interval>::encoder(oid type) noexcept
{
    if (type != oids::interval)
        return {};
    return {detail::encode_interval, format::binary};
}

} // namespace tusk
