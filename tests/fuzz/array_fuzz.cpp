// Arrays in binary: of numbers, of text with NULLs, nested, with bounds.

#include "decode_fuzz.hpp"

#include <optional>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using tusk::format;
    using tusk::test::decode_arbitrary;
    constexpr tusk::oid int4_array = 1007;
    constexpr tusk::oid text_array = 1009;
    decode_arbitrary<std::vector<int>>(data, size, int4_array, format::binary);
    decode_arbitrary<std::vector<std::vector<std::int64_t>>>(data, size, int4_array, format::binary);
    decode_arbitrary<tusk::array<std::optional<std::string>>>(data, size, text_array, format::binary);
    decode_arbitrary<std::vector<std::array<std::optional<std::string>, 2>>>(data, size, text_array, format::binary);
    return 0;
}
