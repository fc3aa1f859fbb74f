// Columns of composite types: loaded, changed, compared, taken back.
#include "unit_of_work_testing.hpp"

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/enum_names.hpp>

#include <array>
#include <optional>
#include <tuple>

namespace tusk::test {

enum class cm_colour : std::uint8_t { red, blue };

} // namespace tusk::test

template <>
inline constexpr auto tusk::enum_names<tusk::test::cm_colour> = std::array{
    tusk::enum_name{tusk::test::cm_colour::red, "red"},
    tusk::enum_name{tusk::test::cm_colour::blue, "blue"},
};

namespace tusk::test {

struct cm_place {
    double east{};
    double north{};
    friend bool operator==(const cm_place&, const cm_place&) = default;
};

struct cm_address {
    std::string street;
    std::optional<std::int32_t> number;
    std::optional<cm_place> where;
    std::vector<std::string> residents;
    std::optional<numeric> rent;
    std::optional<cm_colour> door;
    friend bool operator==(const cm_address&, const cm_address&) = default;
};

namespace {

struct cm_person {
    std::int64_t id{};
    std::string name;
    std::optional<cm_address> home;
    std::vector<cm_place> trips;
    std::optional<std::tuple<double, double>> spot;

    static constexpr auto table = orm::table(
        "cm_people", orm::column<&cm_person::id>(orm::primary_key), orm::column<&cm_person::name>(),
        orm::column<&cm_person::home>(orm::type("cm_address")), orm::column<&cm_person::trips>(orm::type("cm_place[]")),
        orm::column<&cm_person::spot>(orm::type("cm_place")));
};

const orm::metadata models = orm::describe<cm_person>();

template <class Body>
void run_with_types(Body body)
{
    server().run_sql("DROP TABLE IF EXISTS cm_people; DROP TYPE IF EXISTS cm_address; DROP TYPE IF EXISTS cm_place; "
                     "DROP TYPE IF EXISTS cm_colour; CREATE TYPE cm_colour AS ENUM ('red', 'blue'); CREATE TYPE "
                     "cm_place AS (east float8, north float8); CREATE TYPE cm_address AS (street text, number int4, "
                     "place cm_place, residents text[], rent numeric(10, 2), door cm_colour)");
    run_with_models(models, std::move(body));
}

cm_person someone()
{
    cm_person made;
    made.name = "ann";
    made.home = cm_address{"Main \"St\\\", (1)", 7, cm_place{1.5, -2.25}, {"ann", "b,ob"}, numeric::parse("12.50"),
                           cm_colour::blue};
    made.trips = {{1, 2}, {3, 4}};
    made.spot = std::tuple{5.0, 6.0};
    return made;
}

TEST(orm_composite_members, they_are_written_and_read_back)
{
    run_with_types([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        {
            orm::session s{on};
            s.add(someone());
            s.add(cm_person{});
            co_await s.commit();
        }
        EXPECT_EQ(
            co_await committed<std::string>("SELECT (home).door::text || (home).rent FROM cm_people WHERE id = 1"),
            "blue12.50");
        orm::session s{on};
        orm::ref<cm_person> ann = co_await s.get_one<cm_person>(1);
        orm::ref<cm_person> nobody = co_await s.get_one<cm_person>(2);
        EXPECT_EQ(ann->home, someone().home);
        EXPECT_EQ(ann->trips, someone().trips);
        EXPECT_EQ(ann->spot, someone().spot);
        EXPECT_FALSE(nobody->home);
        sent.clear();
        co_await s.flush();
        EXPECT_TRUE(sent.all().empty()) << "opened, and not changed";
    });
}

TEST(orm_composite_members, a_changed_field_is_one_update_of_the_column)
{
    run_with_types([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<cm_person> ann = s.add(someone());
        co_await s.commit();
        sent.clear();
        ann->home->where->north = 9;
        ann->home->residents.push_back("cid");
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE cm_people SET home = $1 WHERE id = $2", "commit"}));
        EXPECT_EQ(co_await committed<double>("SELECT ((home).place).north FROM cm_people"), 9);
        ann->trips.pop_back();
        ann->home->door = std::nullopt;
        ann->spot = std::nullopt;
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM cm_people WHERE (home).door IS NULL AND "
                                                   "cardinality(trips) = 1 AND spot IS NULL"),
                  1);
        EXPECT_FALSE(s.is_modified(ann));
    });
}

TEST(orm_composite_members, a_rollback_takes_them_back)
{
    run_with_types([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<cm_person> ann = s.add(someone());
        co_await s.commit();
        ann->home->street = "Flushed";
        ann->trips.clear();
        co_await s.flush();
        ann->home->number = std::nullopt;
        ann->spot = std::nullopt;
        co_await s.rollback();
        EXPECT_EQ(ann->home, someone().home);
        EXPECT_EQ(ann->trips, someone().trips);
        EXPECT_EQ(ann->spot, someone().spot);
    });
}

} // namespace
} // namespace tusk::test
