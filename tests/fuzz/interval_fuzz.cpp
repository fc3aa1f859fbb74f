#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/interval.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::interval};
    fuzz::input{data, size}
        .decode_as<tusk::interval, std::chrono::microseconds, std::chrono::hours, std::chrono::days,
                   std::chrono::months>(types);
    return 0;
}
