// Four hundred values of every type and of containers of them, made by the server: its text, our value of it in binary
// and of its text, the value as a parameter, the server's text of that.

#include "support/run.hpp"

#include <tusk/driver/array.hpp>
#include <tusk/driver/range.hpp>

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace types_of_many_values {

enum class season { spring, summer, autumn };

struct reading {
    std::int32_t id = 0;
    std::optional<std::string> note;
    std::optional<season> when;
    std::vector<std::optional<double>> values;

    friend bool operator==(const reading&, const reading&) = default;
};

} // namespace types_of_many_values

template <>
inline constexpr auto tusk::enum_names<types_of_many_values::season> =
    tusk::name_enum<types_of_many_values::season>({{types_of_many_values::season::spring, "spring"},
                                                   {types_of_many_values::season::summer, "sum\"mer, {hot}"},
                                                   {types_of_many_values::season::autumn, "äutumn"}});

namespace {

using namespace tusk::test;
using namespace types_of_many_values;

constexpr int how_many = 400;

std::string text_of(const tusk::field_view& field)
{
    const auto bytes = field.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
bool same(const T& a, const T& b)
{
    if constexpr (std::floating_point<T>)
        return a == b || (a != a && b != b);
    else
        return a == b;
}

/// @param value  SQL of the value number `i`, from 1 on.
template <class T>
asio::awaitable<void> journeys(tusk::connection& conn, std::string_view type, std::string_view value)
{
    const std::string made = fmt::format("SELECT ({})::{} AS v FROM generate_series(1, {}) i", value, type, how_many);
    const tusk::result binary = co_await conn.query(fmt::format("SELECT v, v::text FROM ({}) x", made));
    const std::vector<tusk::result> text = co_await conn.execute_script(made);
    EXPECT_EQ(binary.size(), how_many);
    EXPECT_EQ(text.back().size(), how_many);

    std::vector<std::tuple<std::optional<T>>> values;
    for (std::size_t i = 0; i < binary.size(); ++i) {
        values.emplace_back(binary[i][0].as<std::optional<T>>());
        const tusk::field_view written = text.back()[i][0];
        if (!written.is_null() && tusk::codec<T>::decoder(written.type(), tusk::format::text)) {
            EXPECT_TRUE(same(written.as<T>(), *std::get<0>(values.back()))) << type << ' ' << text_of(written);
        }
    }
    const std::string back = fmt::format("SELECT $1::{0}, $1::{0}::text", type);
    const tusk::result returned = co_await conn.query_many(back, values);
    EXPECT_EQ(returned.size(), binary.size());
    for (std::size_t i = 0; i < returned.size(); ++i) {
        EXPECT_EQ(returned[i][0].is_null(), binary[i][0].is_null()) << type << " number " << i;
        EXPECT_EQ(text_of(returned[i][0]), text_of(binary[i][0])) << type << ' ' << text_of(binary[i][1]);
        EXPECT_EQ(text_of(returned[i][1]), text_of(binary[i][1])) << type;
    }
}

template <class T>
void expect_many(std::string_view type, std::string_view value)
{
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(server().url());
        co_await conn.execute_script("SET TimeZone = 'Europe/Berlin'; SET lc_monetary = 'C'");
        co_await journeys<T>(conn, type, value);
    });
}

TEST(types_many_values, numbers)
{
    expect_many<bool>("boolean", "CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END");
    expect_many<std::int16_t>("smallint", "i * 163 - 32768");
    expect_many<std::int32_t>("integer", "i::bigint * 10737418 - 2147483648");
    expect_many<std::int64_t>("bigint", "i::numeric * 46116860184273879 - 9223372036854775808");
    expect_many<float>("real", "power(10::float8, (i - 220) / 6.0) * (-1) ^ i");
    expect_many<double>("double precision",
                        "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' WHEN 3 THEN '-Infinity' WHEN 4 THEN -0.0"
                        " ELSE power(10::float8, (i - 200) * 1.5) * (-1) ^ i / 3 END");
    expect_many<tusk::numeric>("numeric",
                               "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' WHEN 3 THEN '-Infinity'"
                               " ELSE trunc(((i - 200)::numeric ^ (i % 60)) / 10::numeric ^ (i % 43), i % 37)"
                               " END");
    expect_many<tusk::money>("money", "(i - 200) * 123456789.01::numeric");
    expect_many<std::uint32_t>("oid", "i::bigint * 10737418");
    expect_many<std::uint64_t>("xid8", "(i::numeric * 46116860184273879)::text");
}

TEST(types_many_values, texts_and_bytes)
{
    for (const std::string_view type : {"text", "character varying", "character(40)", "name", "varchar(20)"})
        expect_many<std::string>(type,
                                 "left(repeat(chr(33 + (i * 7919) % 50000 % 2000) || '\\\"''{,}' || i, 5), i % 19)");
    expect_many<std::vector<std::byte>>("bytea", "substr(decode(repeat(md5(i::text), 4), 'hex'), 1, i % 64)");
    expect_many<tusk::uuid>("uuid", "md5(i::text)");
    expect_many<std::string>("json", "json_build_object('n', i, 't', chr(200 + i), 'a', json_build_array(i, null))");
    expect_many<std::string>("jsonb", "jsonb_build_object('n', i / 7.0, 't', chr(200 + i), 'a', '[null, {}]'::jsonb)");
    expect_many<std::string>("xml", "format('<a n=\"%s\">%s</a>', i, chr(200 + i))");
    expect_many<std::string>("tsvector", "format('w%s:%sA x%s:%s,%sB', i, i, i % 5, i + 1, i + 7)");
    expect_many<std::string>("tsquery", "format('(w%s & !x%s) <%s> y:*A', i, i % 5, 1 + i % 9)");
    expect_many<std::string>("jsonpath", "format('$.a[%s] ? (@.b > %s)', i, i * 3)");
    expect_many<tusk::bit_string>("bit varying", "(i * 2654435761::bigint)::bit(64)::text::varbit::bit varying");
    expect_many<tusk::bit_string>("bit(33)", "(i * 2654435761::bigint)::bit(64)");
}

TEST(types_many_values, dates_and_times)
{
    expect_many<tusk::date>("date", "CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity'"
                                    " ELSE date '4713-01-01 BC' + i * 14653 END");
    expect_many<tusk::time_of_day>("time", "time '00:00' + i * interval '215.999999 s'");
    expect_many<tusk::timetz>("timetz", "format('%s:%s:%s.%s%s', i % 24, i % 60, (i * 7) % 60, i,"
                                        " to_char(i % 31 - 15, 'SG00'))");
    expect_many<tusk::timestamp>("timestamp",
                                 "CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity'"
                                 " ELSE timestamp '4713-01-02 BC' + i * interval '730 days 3.141592 s' END");
    expect_many<tusk::timestamptz>("timestamptz",
                                   "CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity'"
                                   " ELSE timestamptz '1890-01-02 UTC' + i * interval '147 days 2:59:59.999999' END");
    expect_many<tusk::interval>("interval", "make_interval(months => i * 7 - 1400, days => i * 31 - 6000,"
                                            " secs => (i - 200) * 86399.999999)");
}

TEST(types_many_values, network_and_system)
{
    expect_many<tusk::inet>("inet", "CASE WHEN i % 2 = 0 THEN format('10.%s.%s.%s/%s', i % 256, i / 2, i % 7, i % 33)"
                                    " ELSE format('2001:db8::%s:%s/%s', to_hex(i), to_hex(i * 31), i % 129) END");
    expect_many<tusk::cidr>("cidr", "network(format('10.%s.%s.0/%s', i % 256, i / 2, i % 33)::inet)");
    expect_many<tusk::macaddr>("macaddr", "left(md5(i::text), 12)");
    expect_many<tusk::macaddr8>("macaddr8", "left(md5(i::text), 16)");
    expect_many<tusk::pg_lsn>("pg_lsn", "pg_lsn '0/0' + i::numeric * 46116860184273879");
    expect_many<tusk::tid>("tid", "format('(%s,%s)', i::bigint * 10737418, i * 163)");
}

TEST(types_many_values, geometry)
{
    constexpr std::string_view x = "(i - 200) / 7.0";
    expect_many<tusk::point>("point", fmt::format("point({0}, -{0} * 1e30)", x));
    expect_many<tusk::line>("line", fmt::format("line(point({0}, 1), point(-1, {0} + 3))", x));
    expect_many<tusk::lseg>("lseg", fmt::format("lseg(point({0}, 1), point(-1, {0} + 3))", x));
    expect_many<tusk::box>("box", fmt::format("box(point({0}, 1), point(-1, {0} + 3))", x));
    expect_many<tusk::circle>("circle", fmt::format("circle(point({0}, 1), i)", x));
    expect_many<tusk::path>("path", "format('%s(0,0),(%s,1),(2,%s)%s', CASE i % 2 WHEN 0 THEN '[' ELSE '(' END, i, -i,"
                                    " CASE i % 2 WHEN 0 THEN ']' ELSE ')' END)");
    expect_many<tusk::polygon>("polygon", "format('((0,0),(%s,1),(2,%s))', i, -i)");
}

TEST(types_many_values, arrays)
{
    expect_many<std::vector<std::int64_t>>("bigint[]", "ARRAY(SELECT g * 1000003::bigint * i"
                                                       " FROM generate_series(1, i % 17) g)");
    expect_many<std::vector<std::optional<std::string>>>(
        "text[]", "ARRAY(SELECT CASE g % 4 WHEN 0 THEN NULL WHEN 1 THEN 'null' WHEN 2 THEN '' ELSE"
                  " '\"\\,{' || chr(200 + i) END FROM generate_series(1, i % 9) g)");
    expect_many<std::vector<tusk::numeric>>("numeric[]", "ARRAY[i / 7.0, -i, 0.00]");
    expect_many<std::vector<tusk::timestamptz>>("timestamptz[]",
                                                "ARRAY[timestamptz '2000-01-01' + i * interval '1 h']");
    expect_many<std::vector<std::vector<std::int32_t>>>("integer[]", "ARRAY[[i, 2, 3], [4, -i, 6]]");
    expect_many<tusk::array<std::int32_t>>("integer[]", "format('[%s:%s]={%s,%s}', i - 200, i - 199, i, -i)");
    expect_many<tusk::array<std::optional<std::string>>>(
        "text[]",
        "CASE i WHEN 1 THEN '{}' ELSE format('[%s:%s][2:2][-1:0][0:0][1:1][7:7]={{{{{{\"%s\"}}},{{{NULL}}}}}}',"
        " i, i, i) END");
}

TEST(types_many_values, ranges_of_every_kind_of_bound)
{
    constexpr std::string_view bounds = "(ARRAY['[]', '[)', '(]', '()'])[1 + i % 4]";
    const auto between = [&](std::string_view make, std::string_view low, std::string_view high) {
        return fmt::format("CASE WHEN i % 11 = 0 THEN 'empty' WHEN i % 11 = 1 THEN {0}(NULL, {2}, {3})"
                           " WHEN i % 11 = 2 THEN {0}({1}, NULL, {3}) WHEN i % 11 = 3 THEN {0}(NULL, NULL)"
                           " ELSE {0}({1}, {2}, {3}) END",
                           make, low, high, bounds);
    };
    expect_many<tusk::range<std::int32_t>>("int4range", between("int4range", "i - 200", "i + 3"));
    expect_many<tusk::range<std::int64_t>>("int8range", between("int8range", "i - 200", "i + 3000000000"));
    expect_many<tusk::range<tusk::numeric>>("numrange", between("numrange", "i / 7.0", "i + 3.50"));
    expect_many<tusk::range<tusk::date>>("daterange",
                                         between("daterange", "'2000-01-01'::date + i", "'2000-02-01'::date + i"));
    expect_many<tusk::range<tusk::timestamp>>(
        "tsrange", between("tsrange", "'2000-01-01'::timestamp + i * interval '1 s'", "'infinity'::timestamp"));
    expect_many<tusk::range<tusk::timestamptz>>("tstzrange", between("tstzrange", "'-infinity'::timestamptz",
                                                                     "'2000-01-01'::timestamptz + i * interval '1 s'"));
    expect_many<tusk::multirange<std::int32_t>>("int4multirange",
                                                "int4multirange(int4range(NULL, -1000 - i), int4range(i, i + 10, '[]'),"
                                                " int4range(2000 + i, NULL))");
    expect_many<tusk::multirange<tusk::numeric>>("nummultirange", "nummultirange(numrange(i / 7.0, i, '[]'),"
                                                                  " numrange(1000, 1000.5 + i, '()'))");
    expect_many<std::vector<tusk::range<std::int32_t>>>("int4range[]",
                                                        "ARRAY[int4range(i, i + 2), 'empty'::int4range]");
}

TEST(types_many_values, composites_enums_and_domains_inside_each_other)
{
    run([]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(server().url());
        co_await conn.execute_script(
            "CREATE TYPE pg_temp.season AS ENUM ('spring', 'sum\"mer, {hot}', 'äutumn');"
            "CREATE DOMAIN pg_temp.note AS text CHECK (VALUE <> 'never');"
            "CREATE TYPE pg_temp.reading AS (id int, note pg_temp.note, \"when\" pg_temp.season,"
            " \"values\" float8[]);");
        constexpr std::string_view one_season = "(enum_range(NULL::pg_temp.season))[i % 4]";
        constexpr std::string_view one_reading =
            "ROW(i, CASE i % 5 WHEN 0 THEN NULL ELSE '(\"' || chr(200 + i) || ', )' END,"
            " (enum_range(NULL::pg_temp.season))[i % 4], ARRAY[i / 3.0, NULL, 'NaN'])::pg_temp.reading";
        co_await journeys<season>(conn, "pg_temp.season", one_season);
        co_await journeys<std::string>(conn, "pg_temp.note", "'n' || chr(200 + i)");
        co_await journeys<reading>(conn, "pg_temp.reading", one_reading);
        const std::string readings = fmt::format("ARRAY[{}, NULL]", one_reading);
        co_await journeys<std::vector<std::optional<reading>>>(conn, "pg_temp.reading[]", readings);
        const std::string seasons = fmt::format("ARRAY[{0}, 'spring', {0}]", one_season);
        co_await journeys<std::vector<std::optional<season>>>(conn, "pg_temp.season[]", seasons);
    });
}

} // namespace
