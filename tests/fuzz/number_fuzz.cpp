#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/boolean.hpp>
#include <tusk/driver/codec/floating.hpp>
#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/codec/system.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::boolean,   oids::int2,   oids::int4, oids::int8,
                                   oids::object_id, oids::xid,    oids::xid8, oids::regclass,
                                   oids::float4,    oids::float8, oids::money};
    fuzz::input{data, size}
        .decode_as<bool, std::int16_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, float, double,
                   tusk::money>(types);
    return 0;
}
