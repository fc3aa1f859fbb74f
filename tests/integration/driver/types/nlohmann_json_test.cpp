// Documents of nlohmann/json through the server and back. Built where the library is installed.

#if __has_include(<nlohmann/json.hpp>)

#include "support/round_trip.hpp"
#include "support/run.hpp"

#include <tusk/driver/nlohmann_json.hpp>

namespace {

using namespace tusk::test;
using nlohmann::json;

TEST(types_nlohmann_json, documents)
{
    const std::vector<std::string> documents = {"null",
                                                "true",
                                                "1.5",
                                                "\"\"",
                                                "{}",
                                                "[]",
                                                "\"na\u00efve \U0001F418\"",
                                                "{\"a\":null,\"b\":[1,2,{\"c\":-7}]}",
                                                "[\"\\\\\\\"\\n\"]"};
    expect_journeys<json>("json", documents, own_text::other);
    expect_journeys<nlohmann::ordered_json>("json", {"{\"b\":1,\"a\":2}"}, own_text::other);
    expect_journeys<json>("jsonb", documents, own_text::other);
}

TEST(types_nlohmann_json, are_parameters_and_columns)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const json order = {{"item", "tusk"}, {"count", 3}, {"tags", {"a", "b"}}};
        const auto count = co_await conn.query_one<int>("SELECT ($1::jsonb->>'count')::int", order);
        EXPECT_EQ(count, 3);
        const auto tags = co_await conn.query_one<json>("SELECT $1::jsonb->'tags'", order);
        EXPECT_EQ(tags, order["tags"]);
        const auto nothing = co_await conn.query_one<std::optional<json>>("SELECT $1::jsonb->'none'", order);
        EXPECT_FALSE(nothing.has_value()) << "SQL's NULL is not JSON's";
        const auto null = co_await conn.query_one<std::optional<json>>("SELECT 'null'::jsonb");
        EXPECT_TRUE(null.has_value() && null->is_null());
    });
}

TEST(types_nlohmann_json, refuses_what_is_not_json)
{
    const auto read = [](std::string_view text) {
        return tusk::codec<json>::decoder(114, tusk::format::text)(std::as_bytes(std::span{text}));
    };
    EXPECT_THROW(read("{"), tusk::decode_error);
    EXPECT_THROW(read(""), tusk::decode_error);
    tusk::byte_writer out;
    EXPECT_THROW(tusk::codec<json>::encoder(114).write(json("\xff"), out), tusk::encode_error);
    EXPECT_EQ(tusk::codec<json>::decoder(25, tusk::format::text), nullptr) << "text is not promised to be JSON";
}

} // namespace

#endif
