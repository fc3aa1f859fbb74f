#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/network.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::inet, oids::cidr, oids::macaddr, oids::macaddr8};
    fuzz::input{data, size}.decode_as<tusk::inet, tusk::cidr, tusk::macaddr, tusk::macaddr8>(types);
    return 0;
}
