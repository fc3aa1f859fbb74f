#include <tusk/driver/codec/bytes.hpp>

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <random>

using namespace codec_testing;
namespace oids = tusk::oids;
using tusk::decode_error;
using tusk::format;

namespace {

using bytes = std::vector<std::byte>;
using byte_view = std::span<const std::byte>;

std::string read_text(std::string_view text) { return to_hex(decode_text<bytes>(text, oids::bytea)); }

TEST(codec_bytes, binary_is_the_bytes_themselves)
{
    const bytes value = from_hex("deadbeef00");
    EXPECT_EQ(encode_hex(value, oids::bytea), "deadbeef00");
    EXPECT_EQ(encode_hex(byte_view{value}, oids::bytea), "deadbeef00");
    EXPECT_EQ(decode_hex<bytes>("deadbeef00", oids::bytea), value);
    EXPECT_EQ(encode_hex(bytes{}, oids::bytea), "");
    EXPECT_EQ(decode_hex<bytes>("", oids::bytea), bytes{});
}

TEST(codec_bytes, a_span_points_into_the_bytes)
{
    const bytes value = from_hex("0102");
    const auto view = decode<byte_view>(value, oids::bytea, format::binary);
    EXPECT_EQ(view.data(), value.data());
    EXPECT_EQ(view.size(), 2U);
    EXPECT_FALSE(decodes<byte_view>(oids::bytea, format::text)) << "text has to be decoded into memory of its own";
}

TEST(codec_bytes, reads_hexadecimal_text)
{
    EXPECT_EQ(read_text("\\xdeadbeef00"), "deadbeef00");
    EXPECT_EQ(read_text("\\xDEADbeef"), "deadbeef");
    EXPECT_EQ(read_text("\\x"), "");
}

TEST(codec_bytes, reads_escaped_text)
{
    EXPECT_EQ(read_text(""), "");
    EXPECT_EQ(read_text("\\336\\255\\276\\357\\000\\\\'"), "deadbeef005c27");
    EXPECT_EQ(read_text("abc"), "616263");
    EXPECT_EQ(read_text("\\\\x41"), "5c783431") << "an escaped backslash is no hexadecimal prefix";
    EXPECT_EQ(read_text("x41"), "783431");
}

TEST(codec_bytes, refuses_broken_text)
{
    for (const char* text : {"\\", "\\x0", "\\xabc", "\\xzz", "\\x0g", "\\x 0", "\\X00", "\\1", "\\12", "\\400",
                             "\\128", "\\1a1", "abc\\", "\\000\\"})
        EXPECT_THROW(read_text(text), decode_error) << text;
}

TEST(codec_bytes, every_truncation_of_text_is_read_or_refused)
{
    // Nothing may be read beyond the end; the sanitizer builds watch it. A cut value is never longer than its text.
    for (const std::string_view whole : {"\\xdeadbeef", "a\\336\\\\\\000b"}) {
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            try {
                EXPECT_LE(read_text({exact.data(), exact.size()}).size() / 2, length);
            } catch (const decode_error&) {
                EXPECT_NE(length, whole.size());
            }
        }
    }
}

TEST(codec_bytes, fits_bytea_alone)
{
    for (const tusk::oid type : {tusk::oid{0}, oids::text, oids::jsonb, oids::uuid}) {
        EXPECT_FALSE(encodes<bytes>(type)) << type;
        EXPECT_FALSE(encodes<byte_view>(type)) << type;
        EXPECT_FALSE(decodes<bytes>(type, format::binary)) << type;
        EXPECT_FALSE(decodes<bytes>(type, format::text)) << type;
    }
}

TEST(codec_bytes, random_bytes_come_back_in_every_form)
{
    std::mt19937 random{11};
    for (int i = 0; i != 1'000; ++i) {
        bytes value(random() % 200);
        for (std::byte& byte : value)
            byte = static_cast<std::byte>(random() % 256);
        EXPECT_EQ(round_trip(value, oids::bytea), value);
        EXPECT_EQ(decode_text<bytes>("\\x" + to_hex(value), oids::bytea), value);
        std::string escaped;
        for (const std::byte byte : value) {
            const auto number = std::to_integer<unsigned>(byte);
            if (number == '\\')
                escaped += "\\\\";
            else if (number >= 0x20 && number < 0x7f)
                escaped += static_cast<char>(number);
            else
                escaped += {'\\', static_cast<char>('0' + number / 64), static_cast<char>('0' + number / 8 % 8),
                            static_cast<char>('0' + number % 8)};
        }
        EXPECT_EQ(decode_text<bytes>(escaped, oids::bytea), value);
    }
}

} // namespace
