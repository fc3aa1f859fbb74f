// Whatever bytes arrive, a decoder gives a value or throws decode_error. The buffers have exactly the size of their
// bytes, so that the sanitizer builds see every read beyond them.

#include "types/builtin_types.hpp"

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using bytes = std::vector<std::byte>;
using tusk::format;
using tusk::oid;

/// Something of every type's text.
const std::vector<std::string> texts = {"",
                                        "t",
                                        "-32768",
                                        "9223372036854775807",
                                        "-1.25e-5",
                                        "NaN",
                                        "-Infinity",
                                        "123456789012345678901234567890.0123456789",
                                        "infinity",
                                        "2024-02-29",
                                        "4714-11-24 BC",
                                        "2024-02-29 12:34:56.789",
                                        "0044-03-15 12:00:00+00:19:32 BC",
                                        "24:00:00",
                                        "23:59:59.999999-15:59:59",
                                        "1 year 2 mons -3 days +04:05:06.789",
                                        "@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs ago",
                                        "+1-2 -3 +4:05:06.789",
                                        "P1Y2M3DT4H5M6.789S",
                                        "10110",
                                        "192.168.0.0/24",
                                        "2001:db8::ffff:10.0.0.1/64",
                                        "08:00:2b:01:02:03",
                                        "08:00:2b:01:02:03:04:05",
                                        "(1.5,-2)",
                                        "{1,-1,0}",
                                        "[(0,0),(1,1)]",
                                        "(1,1),(0,0)",
                                        "((0,0),(1,1),(2,0))",
                                        "<(0,0),1>",
                                        "16/B374D848",
                                        "(42,7)",
                                        "10:20:10,14,15",
                                        "\\xdeadbeef",
                                        "\\000\\\\a",
                                        "{\"a\": 1}",
                                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"};

bytes bytes_of(std::string_view text)
{
    const auto view = std::as_bytes(std::span{text});
    return {view.begin(), view.end()};
}

/// One change: a byte replaced, a bit turned, a piece cut out, doubled or added.
bytes mutated(bytes from, std::mt19937_64& random)
{
    const auto any_place = [&] { return from.begin() + static_cast<std::ptrdiff_t>(random() % (from.size() + 1)); };
    const auto any_byte = [&] {
        constexpr std::string_view telling = "0123456789.:,-+()[]{}<>/\\ \xff\x7f\x80";
        return static_cast<std::byte>(
            random() % 2 == 0 ? random() % 256 : static_cast<unsigned char>(telling[random() % telling.size()]));
    };
    switch (random() % 5) {
    case 0: from.insert(any_place(), any_byte()); break;
    case 1: from.resize(random() % (from.size() + 1)); break;
    case 2:
        if (!from.empty())
            from[random() % from.size()] = any_byte();
        break;
    case 3:
        if (!from.empty())
            from[random() % from.size()] ^= std::byte{1} << (random() % 8);
        break;
    default: {
        const bytes piece(from.begin(), any_place());
        from.insert(from.end(), piece.begin(), piece.end());
    }
    }
    return from;
}

/// How many of the inputs were values.
template <class T>
std::size_t decode_all(tusk::decode_function<T> decoder, const std::vector<bytes>& inputs)
{
    std::size_t values = 0;
    for (const bytes& each : inputs) {
        const bytes exact(each); // no byte more than its own
        try {
            static_cast<void>(decoder(exact));
            ++values;
        } catch (const tusk::decode_error&) {
            // Refused, as it may be.
        }
    }
    return values;
}

/// Binary values of a type, made of the texts that it can read.
template <class T>
void add_values(oid type, std::vector<bytes>& to)
{
    const auto decoder = tusk::codec<T>::decoder(type, format::text);
    const auto plan = tusk::codec<T>::encoder(type);
    if (decoder == nullptr || plan.write == nullptr || plan.as != format::binary)
        return;
    for (const std::string& text : texts) {
        try {
            const bytes source = bytes_of(text);
            tusk::byte_writer out;
            plan.write(decoder(source), out);
            to.emplace_back(out.bytes().begin(), out.bytes().end());
        } catch (const tusk::error&) {
            // Another type's text.
        }
    }
}

template <class T>
void expect_no_other_error(std::mt19937_64& random)
{
    std::vector<bytes> text_inputs;
    for (const std::string& text : texts) {
        text_inputs.push_back(bytes_of(text));
        for (int i = 0; i != 8; ++i)
            text_inputs.push_back(mutated(mutated(text_inputs.back(), random), random));
    }
    bool was_asked = false;
    for (oid type = 1; type != 10'000; ++type) {
        if (tusk::type_name(type).empty())
            continue;
        if (const auto decoder = tusk::codec<T>::decoder(type, format::text)) {
            was_asked = true;
            decode_all<T>(decoder, text_inputs);
        }
        const auto decoder = tusk::codec<T>::decoder(type, format::binary);
        if (decoder == nullptr)
            continue;
        was_asked = true;
        std::vector<bytes> inputs;
        add_values<T>(type, inputs);
        const std::size_t whole = inputs.size();
        EXPECT_EQ(decode_all<T>(decoder, inputs), whole) << tusk::codec<T>::name << " and " << type;
        for (std::size_t i = 0; i != whole; ++i)
            for (int n = 0; n != 20; ++n)
                inputs.push_back(mutated(n % 2 == 0 ? inputs[i] : inputs.back(), random));
        for (int i = 0; i != 150; ++i) {
            bytes noise(random() % 40);
            for (std::byte& each : noise)
                each = static_cast<std::byte>(random() % (i % 2 == 0 ? 256 : 4)); // small counts and kinds, too
            inputs.push_back(std::move(noise));
        }
        decode_all<T>(decoder, inputs);
    }
    EXPECT_TRUE(was_asked) << tusk::codec<T>::name;
}

template <class... T>
void expect_no_other_error_of_each()
{
    std::mt19937_64 random{20240229};
    (expect_no_other_error<T>(random), ...);
}

using namespace std::chrono;

TEST(codec_garbage, numbers)
{
    expect_no_other_error_of_each<bool, std::int16_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, float,
                                  double, tusk::numeric, tusk::money>();
}

TEST(codec_garbage, text_and_bytes)
{
    expect_no_other_error_of_each<char, std::string, std::string_view, std::vector<std::byte>,
                                  std::span<const std::byte>, tusk::uuid, tusk::bit_string>();
}

TEST(codec_garbage, dates_and_times)
{
    expect_no_other_error_of_each<tusk::date, year_month_day, sys_days, local_days, tusk::time_of_day, tusk::timetz,
                                  tusk::timestamp, local_seconds, tusk::timestamptz, sys_time<microseconds>,
                                  tusk::interval, microseconds, days, months>();
}

TEST(codec_garbage, networks_and_geometry)
{
    expect_no_other_error_of_each<tusk::inet, tusk::cidr, tusk::macaddr, tusk::macaddr8, tusk::point, tusk::line,
                                  tusk::lseg, tusk::box, tusk::path, tusk::polygon, tusk::circle>();
}

TEST(codec_garbage, the_servers_own) { expect_no_other_error_of_each<tusk::pg_lsn, tusk::tid, tusk::pg_snapshot>(); }

} // namespace
