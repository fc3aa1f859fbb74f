#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/numeric.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::numeric, oids::int2, oids::int4, oids::int8};
    fuzz::input{data, size}.decode_as<tusk::numeric>(types);
    return 0;
}
