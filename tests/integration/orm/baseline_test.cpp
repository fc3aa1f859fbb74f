#include "unit_of_work_testing.hpp"

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/enum_names.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

namespace tusk::test {

enum class mood : std::uint8_t { sad, glad };

} // namespace tusk::test

template <>
inline constexpr auto tusk::enum_names<tusk::test::mood> = std::array{
    tusk::enum_name{tusk::test::mood::sad, "sad"},
    tusk::enum_name{tusk::test::mood::glad, "glad"},
};
// Other tests make types of their own.
template <>
inline constexpr std::string_view tusk::orm::enum_type<tusk::test::mood> = "baseline_mood";

namespace tusk::test {
namespace {

/// A column of every type, and of lossy mappings.
struct everything {
    std::int64_t id{};
    std::optional<bool> truth;
    std::optional<std::int16_t> small;
    std::optional<std::int32_t> middle;
    std::optional<std::int64_t> big;
    std::optional<float> single;
    std::optional<double> twice;
    std::optional<numeric> exact;
    std::optional<numeric> scaled;
    std::optional<std::string> text;
    std::optional<std::string> padded;
    std::optional<std::string> document;
    std::optional<std::string> binary_document;
    std::optional<std::vector<std::byte>> bytes;
    std::optional<uuid> unique_id;
    std::optional<date> day;
    std::optional<std::chrono::sys_days> calendar_day;
    std::optional<time_of_day> time;
    std::optional<timetz> zoned_time;
    std::optional<timestamp> local_time;
    std::optional<timestamptz> instant;
    std::optional<std::chrono::sys_time<std::chrono::milliseconds>> fine_instant;
    std::optional<std::chrono::sys_seconds> coarse_instant;
    std::optional<interval> length;
    std::optional<bit_string> bits;
    std::optional<inet> address;
    std::optional<cidr> network;
    std::optional<macaddr> station;
    std::optional<point> spot;
    std::optional<box> area;
    std::optional<polygon> outline;
    std::optional<circle> disc;
    std::optional<money> price;
    std::optional<mood> feeling;
    std::optional<std::vector<mood>> feelings;
    std::optional<std::vector<std::int32_t>> numbers;
    std::optional<std::vector<std::optional<std::string>>> words;
    std::optional<array<std::int32_t>> bounded;
    std::optional<range<std::int32_t>> span;
    std::optional<hstore> pairs;
    orm::deferred<std::string> late;

    static constexpr auto table = orm::table(
        "everything", orm::column<&everything::id>(orm::primary_key), orm::column<&everything::truth>(),
        orm::column<&everything::small>(), orm::column<&everything::middle>(), orm::column<&everything::big>(),
        orm::column<&everything::single>(), orm::column<&everything::twice>(), orm::column<&everything::exact>(),
        orm::column<&everything::scaled>(orm::decimal(12, 4)), orm::column<&everything::text>(),
        orm::column<&everything::padded>(orm::character(8)), orm::column<&everything::document>(orm::type("json")),
        orm::column<&everything::binary_document>(orm::type("jsonb")), orm::column<&everything::bytes>(),
        orm::column<&everything::unique_id>(), orm::column<&everything::day>(),
        orm::column<&everything::calendar_day>(), orm::column<&everything::time>(),
        orm::column<&everything::zoned_time>(), orm::column<&everything::local_time>(),
        orm::column<&everything::instant>(), orm::column<&everything::fine_instant>(),
        orm::column<&everything::coarse_instant>(), orm::column<&everything::length>(),
        orm::column<&everything::bits>(), orm::column<&everything::address>(), orm::column<&everything::network>(),
        orm::column<&everything::station>(), orm::column<&everything::spot>(), orm::column<&everything::area>(),
        orm::column<&everything::outline>(), orm::column<&everything::disc>(), orm::column<&everything::price>(),
        orm::column<&everything::feeling>(), orm::column<&everything::feelings>(), orm::column<&everything::numbers>(),
        orm::column<&everything::words>(), orm::column<&everything::bounded>(), orm::column<&everything::span>(),
        orm::column<&everything::pairs>(), orm::column<&everything::late>());
};

const orm::metadata models = orm::describe<everything>();

/// Values as the server writes them and we would not: trailing zeros, keys out of order, bounds, padding.
constexpr std::string_view rows = R"(
    INSERT INTO everything VALUES (1, true, -1, 2, 3, 1.5, 0.1, 1.500, 2.5, 'text', 'pad', '{"b": 1,  "a": 2}',
        '{"b": 1,  "a": 2.0, "b": 3}', '\x00ff', '00000000-0000-0000-0000-00000000000a', '2024-02-29', '1999-12-31',
        '23:59:59.999999', '12:00:00+05:30', '2024-01-01 00:00:00.000001', '2024-06-01 12:00:00.123456+02',
        '2024-06-01 12:00:00.123+02', '2024-06-01 12:00:00+02', '1 mon 2 days 03:04:05.000006', B'10110',
        '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '(1,-2)', '(3,4),(1,2)', '((0,0),(1,1),(1,0))', '<(1,2),3>',
        '12.34', 'glad', '{sad,glad}', '{1,2,3}', '{"a b",NULL,""}', '[5:7]={7,8,9}', '[1,10]', 'b=>1, a=>NULL', 'late');
    INSERT INTO everything (id, late) VALUES (2, 'nothing but a key');
)";

TEST(orm_baseline, load_touch_flush_sends_nothing)
{
    server().run_sql("CREATE EXTENSION IF NOT EXISTS hstore");
    run_with_models(models, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute_script(rows);
        }
        orm::session s{on};
        auto statement = orm::select<everything>();
        std::vector<orm::ref<everything>> all = co_await s.all(statement);
        EXPECT_EQ(all.size(), 2);
        sent.clear();
        for (const orm::ref<everything>& each : all) {
            everything copy = *each; // opened for changes
            *each = copy;            // and written, all of it
        }
        for (const orm::ref<everything>& each : all)
            EXPECT_FALSE(s.is_modified(each));
        co_await s.flush();
        EXPECT_TRUE(sent.all().empty()) << sent.all().front();

        // What is changed in place, deep inside a member, is seen.
        all[0]->numbers->at(1) = 20;
        (*all[0]->pairs)["a"] = "there";
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE everything SET numbers = $1, pairs = $2 WHERE id = $3", "commit"}));
        EXPECT_EQ(co_await committed<std::string>("SELECT numbers::text || (pairs->'a') FROM everything WHERE id = 1"),
                  "{1,20,3}there");

        // A rollback reads every one of them back from what was kept.
        everything before = *all[0];
        everything other;
        other.id = 1;
        *all[0] = other;
        all[0]->late = "lost";
        co_await s.rollback();
        EXPECT_EQ(all[0]->late.get(), before.late.get());
        EXPECT_EQ(all[0]->feelings, before.feelings);
        EXPECT_EQ(all[0]->pairs, before.pairs);
        EXPECT_EQ(all[0]->coarse_instant, before.coarse_instant);
        EXPECT_FALSE(s.is_modified(all[0]));
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM everything WHERE late = 'lost'"), 0);
    });
}

} // namespace
} // namespace tusk::test
