#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/bytes.hpp>
#include <tusk/driver/codec/text.hpp>
#include <tusk/driver/codec/uuid.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::text,    oids::one_byte_char, oids::json, oids::jsonb, oids::tsvector,
                                   oids::tsquery, oids::bytea,         oids::uuid, 16'400};
    fuzz::input{data, size}
        .decode_as<std::string, std::string_view, char, std::vector<std::byte>, std::span<const std::byte>, tusk::uuid>(
            types);
    return 0;
}
