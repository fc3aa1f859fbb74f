// Known attacks by values: lengths and counts that a hostile server claims, and values so long that their length would
// wrap. Each test is named after the vulnerability of another client.

#include "connection/bind.hpp"
#include "protocol/frontend.hpp"
#include "support/sparse_bytes.hpp"

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>

#include "codec_testing.hpp"
#include "fuzz/user_types.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace codec_testing;
using namespace std::string_literals;
using namespace tusk::test;
using tusk::format;

constexpr tusk::oid bytea = 17;
constexpr tusk::oid int4_array = 1007;
constexpr tusk::oid text_array = 1009;
constexpr tusk::oid int4multirange = 4451;

template <class T>
T read(std::span<const std::byte> bytes, tusk::server_type type)
{
    const auto decode = tusk::detail::ask_decoder<T>(type, format::binary);
    if (!decode)
        throw std::logic_error{"the C++ type does not fit the server type"};
    return decode(bytes);
}

template <class T>
void expect_refused(std::string_view hex, tusk::server_type type)
{
    // A copy that ends where the bytes end, so that sanitizers see every step beyond.
    EXPECT_THROW(read<T>(from_hex(hex), type), tusk::decode_error) << hex;
}

/// A message with one Bind of those values. What is thrown by it leaves nothing behind.
template <class... T>
void write_one_bind(tusk::byte_writer& out, const T&... values)
{
    tusk::detail::statement of;
    of.now = tusk::detail::statement::state::ready;
    of.parameter_types.assign(sizeof...(T), bytea);
    const std::vector<tusk::detail::parameter> all{tusk::detail::parameter_for(values)...};
    tusk::detail::write_bind(out, {}, of, all);
}

TEST(security_values, CVE_2024_27304_a_value_whose_length_would_wrap_is_neither_sent_nor_copied)
{
    for (const std::size_t length : {std::size_t{1} << 30, std::size_t{1} << 31, (std::size_t{1} << 32) - 1,
                                     std::size_t{1} << 32, (std::size_t{1} << 32) + 9}) {
        const sparse_bytes many{length};
        tusk::byte_writer out;
        EXPECT_THROW(write_one_bind(out, many.bytes()), tusk::encode_error) << length;
        EXPECT_TRUE(out.empty());
        EXPECT_THROW(write_one_bind(out, many.text()), tusk::encode_error) << length;
        EXPECT_TRUE(out.empty());
    }
}

TEST(security_values, CVE_2024_32655_nor_are_values_whose_lengths_add_up_to_too_much)
{
    const sparse_bytes half{std::size_t{540} << 20};
    tusk::byte_writer out;
    EXPECT_THROW(write_one_bind(out, half.bytes(), half.bytes(), half.bytes()), tusk::encode_error);
    EXPECT_TRUE(out.empty());
}

TEST(security_values, CVE_2024_32655_a_length_field_holds_what_it_says)
{
    EXPECT_EQ(tusk::protocol::length_field(tusk::protocol::longest_message), 0x3ffffffe);
    for (const std::size_t length :
         {tusk::protocol::longest_message + 1, std::size_t{1} << 31, (std::size_t{1} << 32) + 4, ~std::size_t{0}})
        EXPECT_THROW(static_cast<void>(tusk::protocol::length_field(length)), tusk::encode_error) << length;
}

TEST(security_values, CVE_2025_12818_quoting_never_computes_a_size_that_wraps)
{
    const std::string quotes(std::size_t{48} << 20, '"');
    EXPECT_EQ(tusk::identifier{quotes}.sql().size(), 2 * quotes.size() + 2);
}

TEST(security_values, CVE_2020_17446_arrays_of_odd_dimensions)
{
    using ints = std::vector<int>;
    expect_refused<ints>("ffffffff0000000000000017", int4_array);                                 // -1 dimensions
    expect_refused<ints>("000000070000000000000017", int4_array);                                 // 7
    expect_refused<ints>("7fffffff0000000000000017", int4_array);                                 // 2^31-1
    expect_refused<ints>("000000000000000000000017ff", int4_array);                               // none, and a byte
    expect_refused<ints>("000000010000000000000017ffffffff00000001", int4_array);                 // of length -1
    expect_refused<ints>("0000000100000000000000177fffffff00000001", int4_array);                 // of length 2^31-1
    expect_refused<ints>("00000002000000000000001700010000000000010001000000000001", int4_array); // a product of 2^32
    expect_refused<ints>("0000000100000000000003ef0000000100000001000000040000002a", int4_array); // of arrays
    expect_refused<ints>("0000000100000000000000170000000100000001000000050000002a00", int4_array);
    expect_refused<ints>("000000010000000000000017000000010000000180000000", int4_array);
}

TEST(security_values, bun_30164_an_array_claims_more_elements_than_there_are_bytes)
{
    expect_refused<std::vector<int>>("0000000100000000000000170001000000000001", int4_array);
}

TEST(security_values, ruby_pg_743_nothing_is_allocated_for_what_is_only_announced)
{
    // As strings, two thousand million elements are more memory than there is: asking for it would be a bad_alloc.
    expect_refused<std::vector<std::string>>("0000000100000000000000197fffffff00000001", text_array);
    expect_refused<std::vector<std::optional<std::string>>>("0000000100000001000000197fffffff00000001", text_array);
    expect_refused<tusk::multirange<int>>("7fffffff", int4multirange);
    const type_ptr hstore = make_type(20001, tusk::type_kind::scalar, "hstore");
    expect_refused<tusk::hstore>("7fffffff", as_server_type(hstore));
}

TEST(security_values, RUSTSEC_2026_0180_lengths_within_an_hstore)
{
    const type_ptr hstore = make_type(20001, tusk::type_kind::scalar, "hstore");
    const std::string good = "00000002000000016100000001620000000163ffffffff";
    EXPECT_EQ(read<tusk::hstore>(from_hex(good), as_server_type(hstore)).size(), 2U);
    for (std::size_t cut = 0; cut < good.size(); cut += 2)
        expect_refused<tusk::hstore>(good.substr(0, cut), as_server_type(hstore));
    for (const std::size_t at : {0U, 8U, 18U, 28U, 38U}) {
        for (const char* length : {"fffffffe", "80000000", "7fffffff", "000000ff"}) {
            std::string bad = good;
            expect_refused<tusk::hstore>(bad.replace(at, 8, length), as_server_type(hstore));
        }
    }
    std::string nameless = good;
    expect_refused<tusk::hstore>(nameless.replace(8, 8, "ffffffff"), as_server_type(hstore));
    expect_refused<tusk::hstore>(good + "00", as_server_type(hstore));
}

TEST(security_values, CVE_2026_16241_bytea_as_text_that_is_cut_short)
{
    const auto decode = tusk::codec<std::vector<std::byte>>::decoder(bytea, format::text);
    const auto read_text = [&](std::string_view text) {
        const std::vector<char> exact{text.begin(), text.end()};
        return decode(std::as_bytes(std::span{exact}));
    };
    EXPECT_TRUE(read_text("").empty());
    EXPECT_TRUE(read_text("\\x").empty());
    EXPECT_EQ(read_text("x").size(), 1U);
    for (const char* bad : {"\\", "\\x1", "\\xg0", "\\0", "\\01", "\\400", "\\\\\\", "ab\\"})
        EXPECT_THROW(read_text(bad), tusk::decode_error) << bad;
}

} // namespace
