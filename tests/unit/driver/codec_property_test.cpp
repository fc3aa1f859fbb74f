// What is true of every value: it comes back from its binary form and from its text as it was. The values are made at
// random by RapidCheck, which also looks for the smallest one that fails.

#include "codec_testing.hpp"
#include "types/oids.hpp"

#include <tusk/driver/codecs.hpp>

#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

namespace {

using namespace codec_testing;
namespace oids = tusk::oids;

/// Values are compared by their binary form: NaN is not equal to itself, and numbers are equal whatever their scale.
template <class T>
std::vector<std::byte> binary(const T& value, tusk::oid type)
{
    const tusk::byte_writer out = encode(value, type);
    return {out.bytes().begin(), out.bytes().end()};
}

template <class T, class Make>
void expect_same_after_the_wire(tusk::oid type, Make make)
{
    EXPECT_TRUE(rc::check([&] {
        const T value = make();
        RC_ASSERT(binary(round_trip(value, type), type) == binary(value, type));
    }));
}

/// The same, and through the type's own text as well.
template <class T, class Make>
void expect_same_after_all(tusk::oid type, Make make)
{
    expect_same_after_the_wire<T>(type, make);
    EXPECT_TRUE(rc::check([&] {
        const T value = make();
        RC_ASSERT(binary(decode_text<T>(to_string(value), type), type) == binary(value, type));
    }));
}

template <class T>
T any()
{
    return *rc::gen::arbitrary<T>();
}

/// From `low` to `high`, both included.
template <class T>
T within(T low, T high)
{
    return *rc::gen::oneOf(rc::gen::inRange<T>(low, high), rc::gen::element(low, high, T{(low + high) / 2}));
}

double any_double() { return std::bit_cast<double>(any<std::uint64_t>()); }
tusk::point any_point() { return {any_double(), any_double()}; }

std::vector<tusk::point> any_points()
{
    std::vector<tusk::point> points(within<std::size_t>(1, 20));
    std::ranges::generate(points, any_point);
    return points;
}

template <std::size_t Size>
std::array<std::byte, Size> any_bytes()
{
    std::array<std::byte, Size> bytes;
    // Zeros often, since runs of them are written in a special way.
    std::ranges::generate(bytes, [] { return static_cast<std::byte>(within<int>(0, 1) * within<int>(0, 255)); });
    return bytes;
}

tusk::numeric any_numeric()
{
    switch (within<int>(0, 10)) {
    case 0: return tusk::numeric::nan();
    case 1: return tusk::numeric::infinity();
    case 2: return tusk::numeric::minus_infinity();
    case 3: return any<std::int64_t>();
    default: break;
    }
    std::string text = any<bool>() ? "-" : "";
    for (int i = within(1, 60); i != 0; --i)
        text += static_cast<char>('0' + within(0, 9) * within(0, 1));
    if (any<bool>()) {
        text += '.';
        for (int i = within(0, 60); i != 0; --i)
            text += static_cast<char>('0' + within(0, 9) * within(0, 1));
    }
    return tusk::numeric::parse(text + "e" + std::to_string(within(-200, 200)));
}

TEST(codec_property, numeric)
{
    expect_same_after_all<tusk::numeric>(oids::numeric, any_numeric);
    EXPECT_TRUE(rc::check([] {
        const auto value = any<std::int64_t>();
        RC_ASSERT(tusk::numeric{value}.to_integer<std::int64_t>() == value);
        RC_ASSERT(to_string(tusk::numeric{value}) == std::to_string(value));
        const double real = any_double();
        if (std::isfinite(real))
            RC_ASSERT(tusk::numeric{real}.to_double() == real);
    }));
    EXPECT_TRUE(rc::check([] {
        const auto a = any<std::int32_t>();
        const auto b = any<std::int32_t>();
        RC_ASSERT((tusk::numeric{a} <=> tusk::numeric{b}) == (a <=> b));
        const tusk::numeric x = any_numeric();
        const tusk::numeric y = any_numeric();
        RC_ASSERT((x <=> y) == (0 <=> (y <=> x)));
        RC_ASSERT((x == y) == (y == x));
    }));
}

TEST(codec_property, numbers)
{
    expect_same_after_the_wire<std::int16_t>(oids::int2, any<std::int16_t>);
    expect_same_after_the_wire<std::int32_t>(oids::int4, any<std::int32_t>);
    expect_same_after_the_wire<std::int64_t>(oids::int8, any<std::int64_t>);
    expect_same_after_the_wire<std::uint32_t>(oids::object_id, any<std::uint32_t>);
    expect_same_after_the_wire<std::uint64_t>(oids::xid8, any<std::uint64_t>);
    expect_same_after_the_wire<double>(oids::float8, any_double);
    expect_same_after_the_wire<float>(oids::float4,
                                      [] { return std::bit_cast<float>(any<std::uint32_t>() & ~(1U << 22)); });
    expect_same_after_the_wire<tusk::money>(oids::money, [] { return tusk::money{any<std::int64_t>()}; });
}

TEST(codec_property, dates_and_times)
{
    using namespace tusk::detail;
    expect_same_after_all<tusk::date>(oids::date,
                                      [] { return tusk::date::from_days_since_2000(within(first_day, last_day)); });
    const auto any_time = [] { return within(first_microsecond, last_microsecond); };
    expect_same_after_all<tusk::timestamp>(oids::timestamp,
                                           [&] { return tusk::timestamp::from_microseconds_since_2000(any_time()); });
    expect_same_after_all<tusk::timestamptz>(
        oids::timestamptz, [&] { return tusk::timestamptz::from_microseconds_since_2000(any_time()); });
    const auto any_time_of_day = [] {
        return tusk::time_of_day{std::chrono::microseconds{within<std::int64_t>(0, microseconds_per_day)}};
    };
    expect_same_after_all<tusk::time_of_day>(oids::time, any_time_of_day);
    expect_same_after_all<tusk::timetz>(
        oids::timetz, [&] { return tusk::timetz{any_time_of_day(), std::chrono::seconds{within(-57'599, 57'599)}}; });
}

TEST(codec_property, intervals)
{
    expect_same_after_all<tusk::interval>(oids::interval, [] {
        const auto some = [](auto value) { return any<bool>() ? value : decltype(value){}; };
        return tusk::interval{some(any<std::int32_t>()), some(any<std::int32_t>()), some(any<std::int64_t>())};
    });
}

TEST(codec_property, networks)
{
    const auto any_inet = [] {
        return any<bool>() ? tusk::inet{any_bytes<4>(), within(0, 32)} : tusk::inet{any_bytes<16>(), within(0, 128)};
    };
    expect_same_after_all<tusk::inet>(oids::inet, any_inet);
    expect_same_after_all<tusk::cidr>(oids::cidr, [&] {
        const tusk::inet address = any_inet();
        const auto network = tusk::cidr::try_from(address);
        return network ? *network : tusk::cidr{tusk::inet{any_bytes<16>()}};
    });
    expect_same_after_all<tusk::macaddr>(oids::macaddr, [] { return tusk::macaddr{any_bytes<6>()}; });
    expect_same_after_all<tusk::macaddr8>(oids::macaddr8, [] { return tusk::macaddr8{any_bytes<8>()}; });
    expect_same_after_the_wire<tusk::uuid>(oids::uuid, [] { return tusk::uuid{any_bytes<16>()}; });
}

/// Doubles whose NaN is the one that text gives.
double plain_double()
{
    const double value = any_double();
    return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
}
tusk::point plain_point() { return {plain_double(), plain_double()}; }

TEST(codec_property, geometry)
{
    expect_same_after_the_wire<tusk::point>(oids::point, any_point);
    expect_same_after_the_wire<tusk::path>(oids::path, [] { return tusk::path{any_points(), any<bool>()}; });
    expect_same_after_all<tusk::point>(oids::point, plain_point);
    expect_same_after_all<tusk::line>(oids::line,
                                      [] { return tusk::line{plain_double(), plain_double(), plain_double()}; });
    expect_same_after_all<tusk::lseg>(oids::lseg, [] { return tusk::lseg{plain_point(), plain_point()}; });
    expect_same_after_all<tusk::box>(oids::box, [] { return tusk::box{plain_point(), plain_point()}; });
    expect_same_after_all<tusk::circle>(oids::circle, [] { return tusk::circle{plain_point(), plain_double()}; });
    const auto plain_points = [] {
        std::vector<tusk::point> points(within<std::size_t>(1, 20));
        std::ranges::generate(points, plain_point);
        return points;
    };
    expect_same_after_all<tusk::path>(oids::path, [&] { return tusk::path{plain_points(), any<bool>()}; });
    expect_same_after_all<tusk::polygon>(oids::polygon, [&] { return tusk::polygon{plain_points()}; });
}

TEST(codec_property, the_servers_own)
{
    expect_same_after_all<tusk::bit_string>(oids::varbit, [] {
        tusk::bit_string bits{within<std::size_t>(0, 100)};
        for (std::size_t i = 0; i != bits.size(); ++i)
            bits.set(i, any<bool>());
        return bits;
    });
    expect_same_after_all<tusk::pg_lsn>(oids::pg_lsn, [] { return tusk::pg_lsn{any<std::uint64_t>()}; });
    expect_same_after_all<tusk::tid>(oids::tid, [] { return tusk::tid{any<std::uint32_t>(), any<std::uint16_t>()}; });
    expect_same_after_all<tusk::pg_snapshot>(oids::pg_snapshot, [] {
        const auto xmin = within<std::uint64_t>(1, 1'000'000);
        std::vector<std::uint64_t> running(within<std::size_t>(0, 20));
        std::ranges::generate(running, [&] { return xmin + within<std::uint64_t>(0, 1'000); });
        std::ranges::sort(running);
        return tusk::pg_snapshot{xmin, xmin + 1'001, std::move(running)};
    });
}

TEST(codec_property, text_and_bytes)
{
    const auto any_text = [] {
        std::string text = any<std::string>();
        std::erase(text, '\0');
        return text;
    };
    for (const tusk::oid type : {oids::text, oids::json, oids::jsonb, oids::xml})
        expect_same_after_the_wire<std::string>(type, any_text);
    expect_same_after_the_wire<std::vector<std::byte>>(oids::bytea, [] {
        std::vector<std::byte> bytes(within<std::size_t>(0, 300));
        std::ranges::generate(bytes, [] { return static_cast<std::byte>(within(0, 255)); });
        return bytes;
    });
}

} // namespace
