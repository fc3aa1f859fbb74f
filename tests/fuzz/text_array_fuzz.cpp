// Arrays in text: braces, quotes, escapes, bounds, and other delimiters.

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
    constexpr tusk::oid box_array = 1020;
    decode_arbitrary<std::vector<int>>(data, size, int4_array, format::text);
    decode_arbitrary<tusk::array<std::optional<std::string>>>(data, size, text_array, format::text);
    decode_arbitrary<std::vector<std::vector<std::string>>>(data, size, text_array, format::text);
    decode_arbitrary<std::vector<std::string>>(data, size, box_array, format::text);
    return 0;
}
