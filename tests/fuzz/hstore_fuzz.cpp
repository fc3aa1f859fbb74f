// hstore, in binary and in text.

#include "decode_fuzz.hpp"
#include "user_types.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace tusk::test;
    static const type_ptr type = make_type(20000, tusk::type_kind::scalar, "hstore");
    for (const tusk::format as : {tusk::format::binary, tusk::format::text})
        decode_arbitrary<tusk::hstore>(data, size, as_server_type(type), as);
    return 0;
}
