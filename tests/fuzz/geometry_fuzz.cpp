#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/geometry.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::point, oids::line,    oids::lseg,  oids::box,
                                   oids::path,  oids::polygon, oids::circle};
    fuzz::input{data, size}
        .decode_as<tusk::point, tusk::line, tusk::lseg, tusk::box, tusk::path, tusk::polygon, tusk::circle>(types);
    return 0;
}
