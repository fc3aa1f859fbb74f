#include <tusk/driver/codec/uuid.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <array>
#include <random>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::format;
using tusk::uuid;

namespace {

TEST(codec_uuid, travels_as_its_bytes_in_the_order_of_its_text)
{
    constexpr uuid value = uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    EXPECT_EQ(encode_hex(value, oids::uuid), "a0eebc999c0b4ef8bb6d6bb9bd380a11");
    EXPECT_EQ(decode_hex<uuid>("a0eebc999c0b4ef8bb6d6bb9bd380a11", oids::uuid), value);
    EXPECT_EQ(decode_text<uuid>("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", oids::uuid), value);
}

TEST(codec_uuid, refuses_other_lengths_and_text)
{
    expect_exact_length<uuid>(oids::uuid, 16);
    EXPECT_THROW(decode_text<uuid>("", oids::uuid), tusk::decode_error);
    EXPECT_THROW(decode_text<uuid>("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", oids::uuid), tusk::decode_error);
}

TEST(codec_uuid, fits_uuid_alone)
{
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::bytea}) {
        EXPECT_FALSE(encodes<uuid>(type)) << type;
        EXPECT_FALSE(decodes<uuid>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<uuid>(type, format::text)) << type;
    }
}

TEST(codec_uuid, random_values_come_back)
{
    std::mt19937 random{4};
    for (int i = 0; i != 2'000; ++i) {
        std::array<std::byte, uuid::size> bytes{};
        for (std::byte& byte : bytes)
            byte = static_cast<std::byte>(random() % 256);
        const uuid value{bytes};
        EXPECT_EQ(round_trip(value, oids::uuid), value);
        EXPECT_EQ(uuid::parse(to_string(value)), value);
    }
}

} // namespace
