// The verbs that read: one, first, scalar, count, get, and how many statements they take.
#include "loading_testing.hpp"
#include "support/observe.hpp"

#include <asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <optional>
#include <tuple>

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

TEST(orm_verbs, guide_31_get_reads_the_identity_map_first)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<author> ann = co_await s.get<author>(1);
        EXPECT_EQ(ann->name, "Ann");
        EXPECT_EQ(sent.count(), 1U);
        const orm::ref<author> same = co_await s.get<author>(std::int64_t{1});
        EXPECT_EQ(same, ann);
        EXPECT_EQ(sent.count(), 1U); // no SQL for what is here

        const orm::ref<author> nobody = co_await s.get<author>(99);
        EXPECT_FALSE(nobody);
        EXPECT_EQ(sent.count(), 2U);

        const orm::ref<const author> read_only = co_await s.get<const author>(1);
        EXPECT_EQ(read_only->name, "Ann");
    });
}

TEST(orm_verbs, guide_31_get_by_other_keys)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<shelf> left = co_await s.get<shelf>(1, "left");
        EXPECT_EQ(left->place, "left");
        EXPECT_EQ(left->room, 1);
        const orm::ref<shelf> again = co_await s.get<shelf>(1, std::string{"left"});
        EXPECT_EQ(again, left);
        EXPECT_EQ(sent.count(), 1U);

        const orm::ref<genre> crime = co_await s.get<genre>("crime");
        EXPECT_EQ(crime->label, "crime");
        const auto id = tusk::uuid::parse("00000000-0000-0000-0000-000000000003");
        const orm::ref<copy> third = co_await s.get<copy>(id);
        EXPECT_EQ(third->shelf_place, "right");
        const orm::ref<review> first = co_await s.get<review>(1);
        EXPECT_EQ(first->stars, 5);
        EXPECT_EQ(sent.count(), 4U);
    });
}

TEST(orm_verbs, get_refuses_what_is_no_key)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto arity = co_await thrown<tusk::usage_error>([&] { return s.get<shelf>(1); });
        expect_mentions(arity, "shelf", "2 column(s)", "room, place", "1 value(s)");
        const auto type = co_await thrown<tusk::usage_error>([&] { return s.get<author>("one"); });
        expect_mentions(type, "author::id", "bigint");
        EXPECT_EQ(sent.count(), 0U);
    });
}

TEST(orm_verbs, get_reads_again_in_a_later_transaction)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<const author> ann = co_await s.get<const author>(1);
        co_await s.commit();
        tusk::test::server().run_sql("UPDATE authors SET name = 'Anna' WHERE id = 1");
        EXPECT_EQ(ann->name, "Ann"); // nothing expires by itself
        sent.clear();
        const orm::ref<const author> same = co_await s.get<const author>(1);
        EXPECT_EQ(same, ann);
        EXPECT_EQ(ann->name, "Anna");
        EXPECT_EQ(sent.count(), 1U);
    });
}

TEST(orm_verbs, guide_33_one_or_none)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto bob = co_await s.one_or_none(orm::select<author>().where(col<&author::name> == "Bob"));
        EXPECT_TRUE(bob);
        EXPECT_EQ(bob->id, 2);
        const auto nobody = co_await s.one_or_none(orm::select<author>().where(col<&author::name> == "Dan"));
        EXPECT_FALSE(nobody);
        const auto several =
            co_await thrown<tusk::row_count_error>([&] { return s.one_or_none(orm::select<author>()); });
        expect_mentions(several, "multiple rows were found where one or none was required");
        EXPECT_EQ(several.rows(), 3U);

        const std::optional<std::string> name =
            co_await s.one_or_none(orm::select(col<&author::name>).where(col<&author::id> == 3));
        EXPECT_EQ(name, "Cid");
    });
}

TEST(orm_verbs, guide_34_offset_limit_order)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto some = co_await s.all(orm::select<book>().limit(2).order_by(col<&book::title>).offset(1));
        EXPECT_EQ(titles(some), "Beta, Delta");
    });
}

TEST(orm_verbs, guide_35_entities_are_one_object_an_identity_and_rows_stay_rows)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>().join<&author::books>().order_by(col<&book::title>);
        const std::vector<orm::ref<author>> rows = co_await s.all(stmt);
        EXPECT_EQ(names(rows), "Ann, Ann, Bob, Ann");
        EXPECT_EQ(rows[0], rows[1]);
        EXPECT_EQ(rows[0], rows[3]);
    });
}

TEST(orm_verbs, guide_40_count_and_scalar)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const std::int64_t all = co_await s.scalar_one(orm::select(orm::count_all()).select_from<book>());
        EXPECT_EQ(all, 5);
        const std::int64_t some = co_await s.count(orm::select<book>()
                                                       .where(col<&book::author_id> == 1)
                                                       .order_by(col<&book::title>)
                                                       .limit(1)
                                                       .options(orm::selectinload<&book::author>()));
        EXPECT_EQ(some, 3);

        const auto none = co_await thrown<tusk::row_count_error>(
            [&] { return s.scalar_one(orm::select(col<&book::id>).where(col<&book::title> == "Omega")); });
        expect_mentions(none, "no row was found where one was required");
        const auto many =
            co_await thrown<tusk::row_count_error>([&] { return s.scalar_one(orm::select(col<&book::id>)); });
        expect_mentions(many, "multiple rows were found where exactly one was required");

        const std::optional<std::int64_t> first =
            co_await s.scalar(orm::select(col<&book::id>).order_by(col<&book::title>));
        EXPECT_EQ(first, 12);
        const std::optional<std::int64_t> nothing =
            co_await s.scalar(orm::select(col<&book::author_id>).where(col<&book::title> == "Epsilon"));
        EXPECT_EQ(nothing, std::nullopt);
    });
}

TEST(orm_verbs, first_leaves_the_rest)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<book> first = co_await s.first(orm::select<book>().order_by(col<&book::title>));
        EXPECT_EQ(first->title, "Alpha");
        const orm::ref<book> none = co_await s.first(orm::select<book>().where(col<&book::id> == 0));
        EXPECT_FALSE(none);
    });
}

TEST(orm_verbs, rows_of_entities_and_values)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select(col<&book::title>, orm::whole<author>, orm::literal(7), orm::whole<book>)
                              .select_from<book>()
                              .outer_join<&book::author>()
                              .order_by(col<&book::title>.desc());
        std::string said;
        for (const auto& [title, by, number, of] : co_await s.all(stmt)) {
            EXPECT_EQ(title, of->title);
            EXPECT_EQ(number, 7);
            said += (by ? by->name : "nobody") + " ";
        }
        EXPECT_EQ(said, "Ann nobody Bob Ann Ann ");
        EXPECT_EQ(sent.count(), 1U);
    });
}

TEST(orm_verbs, handles_that_only_read_are_not_watched)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const std::vector<orm::ref<const author>> all =
            co_await s.all<const author>(orm::select<author>().order_by(col<&author::id>));
        EXPECT_EQ(names(all), "Ann, Bob, Cid");
        const orm::ref<const author> one = co_await s.one<const author>(orm::select<author>().limit(1));
        EXPECT_TRUE(one);
    });
}

TEST(orm_verbs, a_verb_takes_its_statement_over)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        auto later = s.all(orm::select<author>().where(col<&author::name> == std::string{"Bob"}));
        const auto came = co_await std::move(later);
        EXPECT_EQ(names(came), "Bob");
    });
}

TEST(orm_verbs, sql_that_is_written_by_hand)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const std::string pattern = "^[AB]";
        const auto stmt = orm::from_sql<author>("SELECT 1 AS one, name, mentor_id, id FROM authors WHERE name ~ $1 "
                                                "ORDER BY id",
                                                pattern)
                              .options(orm::selectinload<&author::books>());
        const std::vector<orm::ref<author>> came = co_await s.all(stmt);
        EXPECT_EQ(names(came), "Ann, Bob");
        EXPECT_EQ(titles(came[0]->books), "Alpha, Beta, Gamma");
        EXPECT_EQ(sent.count(), 2U);

        const auto incomplete = co_await thrown<tusk::usage_error>(
            [&] { return s.all(orm::from_sql<author>("SELECT id, name FROM authors")); });
        expect_mentions(incomplete, "mentor_id", "author::mentor_id");
    });
}

TEST(orm_verbs, a_load_that_is_cancelled_leaves_no_transaction_open)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        using asio::experimental::awaitable_operators::operator||;
        orm::session s{engine};
        const auto kept = co_await s.get<author>(1);
        const auto slow = orm::from_sql<author>("SELECT authors.*, pg_sleep(60) FROM authors");
        auto load = s.all(slow);
        auto limit = tusk::test::pause(std::chrono::milliseconds{50});
        const auto ended = co_await (std::move(load) || std::move(limit));
        EXPECT_EQ(ended.index(), 1U);
        co_await thrown<tusk::error>([&] { return s.count(orm::select<author>()); }); // it has failed
        co_await s.rollback();
        const bool is_quiet = co_await tusk::test::eventually([] {
            return tusk::test::server().run_sql("SELECT count(*) FROM pg_stat_activity WHERE state LIKE "
                                                "'idle in transaction%' OR (state = 'active' AND query LIKE "
                                                "'SELECT authors.*, pg_sleep%')") == "0\n";
        });
        EXPECT_TRUE(is_quiet);
        const auto again = co_await s.get<author>(1);
        EXPECT_EQ(again, kept);
    });
}

TEST(orm_verbs, two_callers_at_once_are_an_error)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        using asio::experimental::awaitable_operators::operator&&;
        orm::session s{engine};
        auto first = s.all(orm::select<author>());
        auto second = [](orm::session& in) -> asio::awaitable<bool> {
            try {
                co_await in.all(orm::select<book>());
            } catch (const tusk::usage_error&) {
                co_return true;
            }
            co_return false;
        }(s);
        const auto [rows, was_refused] = co_await (std::move(first) && std::move(second));
        EXPECT_EQ(rows.size(), 3U);
        EXPECT_TRUE(was_refused);
    });
}

} // namespace
