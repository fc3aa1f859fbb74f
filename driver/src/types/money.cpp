#include <tusk/driver/codec/system.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <cstdint>

namespace tusk {

namespace {

money from_binary(std::span<const std::byte> bytes) { return money{types::load_exactly<std::int64_t>(bytes, "money")}; }

void to_binary(const money& value, byte_writer& out) { out.put(value.units()); }

} // namespace

decode_function<money> codec<money>::decoder(oid type, format as) noexcept
{
    return type == oids::money && as == format::binary ? from_binary : nullptr;
}

encode_plan<money> codec<money>::encoder(oid type) noexcept
{
    if (type != oids::money)
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
