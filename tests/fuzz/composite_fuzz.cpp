// Composites, known and anonymous, in binary and in text.

#include "decode_fuzz.hpp"
#include "user_types.hpp"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using tusk::format;
    using namespace tusk::test;
    constexpr tusk::oid int4 = 23;
    constexpr tusk::oid text = 25;
    constexpr tusk::oid int4_array = 1007;
    constexpr tusk::oid record = 2249;
    using inner = std::tuple<std::optional<int>, std::optional<std::string>>;
    using outer = std::tuple<std::optional<inner>, std::optional<std::vector<int>>>;
    static const type_ptr pair = make_composite(20000, "pair", {{int4, nullptr}, {text, nullptr}});
    static const type_ptr both = make_composite(20001, "both", {{20000, pair}, {int4_array, nullptr}});
    for (const format as : {format::binary, format::text}) {
        decode_arbitrary<inner>(data, size, as_server_type(pair), as);
        decode_arbitrary<outer>(data, size, as_server_type(both), as);
    }
    decode_arbitrary<outer>(data, size, record, format::binary);
    decode_arbitrary<std::tuple<std::string>>(data, size, record, format::text);
    return 0;
}
