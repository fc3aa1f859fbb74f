#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/bit_string.hpp>
#include <tusk/driver/codec/system.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::bit, oids::varbit,      oids::pg_lsn,
                                   oids::tid, oids::pg_snapshot, oids::txid_snapshot};
    fuzz::input{data, size}.decode_as<tusk::bit_string, tusk::pg_lsn, tusk::tid, tusk::pg_snapshot>(types);
    return 0;
}
