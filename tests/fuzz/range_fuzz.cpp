// Ranges and multiranges, in binary and in text.

#include "decode_fuzz.hpp"
#include "user_types.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using tusk::format;
    using namespace tusk::test;
    constexpr tusk::oid int4range = 3904;
    constexpr tusk::oid int4multirange = 4451;
    constexpr tusk::oid text = 25;
    static const type_ptr words = make_part_of(20000, tusk::type_kind::range, "words", text);
    static const type_ptr lists = make_part_of(20001, tusk::type_kind::multirange, "lists", 20000, words);
    for (const format as : {format::binary, format::text}) {
        decode_arbitrary<tusk::range<int>>(data, size, int4range, as);
        decode_arbitrary<tusk::multirange<int>>(data, size, int4multirange, as);
        decode_arbitrary<tusk::range<std::string>>(data, size, as_server_type(words), as);
        decode_arbitrary<tusk::multirange<std::string>>(data, size, as_server_type(lists), as);
    }
    return 0;
}
