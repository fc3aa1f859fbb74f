// Relations that come in the same rows.
#include "loading_testing.hpp"

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

TEST(orm_loading, guide_43_joinedload_of_a_single_entity)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto books =
            co_await s.all(orm::select<book>().order_by(col<&book::title>).options(orm::joinedload<&book::author>()));
        EXPECT_EQ(sent.count(), 1U);
        EXPECT_EQ(books.size(), 5U);
        EXPECT_EQ(books[0]->author->name, "Ann");
        EXPECT_EQ(books[0]->author, books[1]->author.get());
        EXPECT_TRUE(books[3]->author.is_loaded());
        EXPECT_FALSE(books[3]->author); // Epsilon: all columns of its author were NULL
    });
}

TEST(orm_loading, guide_43_joinedload_of_a_collection_gives_each_entity_once)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>().order_by(col<&author::id>).options(orm::joinedload<&author::books>());
        const auto all = co_await s.all(stmt);
        EXPECT_EQ(sent.count(), 1U);
        EXPECT_EQ(names(all), "Ann, Bob, Cid");
        EXPECT_EQ(titles(all[0]->books), "Alpha, Beta, Gamma");
        EXPECT_TRUE(all[2]->books.empty());
        EXPECT_EQ(all[1]->books[0]->author, all[1]);

        const auto ann = co_await s.one(
            orm::select<author>().where(col<&author::name> == "Ann").options(orm::joinedload<&author::books>()));
        EXPECT_EQ(ann, all[0]); // three rows are one entity
    });
}

TEST(orm_loading, guide_43_a_limit_counts_entities_and_not_rows)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto two = co_await s.all(
            orm::select<author>().order_by(col<&author::id>).limit(2).options(orm::joinedload<&author::books>()));
        EXPECT_EQ(names(two), "Ann, Bob");
        EXPECT_EQ(two[0]->books.size(), 3U);
    });
}

TEST(orm_loading, joined_collections_beside_and_below_each_other)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto alpha =
            co_await s.one(orm::select<book>()
                               .where(col<&book::title> == "Alpha")
                               .options(orm::joinedload<&book::genres>(), orm::joinedload<&book::reviews>(),
                                        orm::joinedload<&book::author>().joinedload<&author::pupils>()));
        EXPECT_EQ(sent.count(), 1U); // 2 genres x 2 reviews x 2 pupils
        EXPECT_EQ(alpha->genres.size(), 2U);
        EXPECT_EQ(alpha->reviews.size(), 2U);
        EXPECT_EQ(alpha->author->pupils.size(), 2U);

        // Entities of a joined collection that several rows lead to.
        orm::session other{engine};
        const auto books =
            co_await other.all(orm::select<book>()
                                   .where(col<&book::author_id> == 1)
                                   .options(orm::joinedload<&book::author>().joinedload<&author::books>()));
        EXPECT_EQ(books.size(), 3U);
        EXPECT_EQ(books[0]->author->books.size(), 3U);
    });
}

TEST(orm_loading, selectinload_below_joinedload_and_the_other_way_round)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto delta =
            co_await s.one(orm::select<book>()
                               .where(col<&book::title> == "Delta")
                               .options(orm::joinedload<&book::author>().selectinload<&author::mentor>()));
        EXPECT_EQ(delta->author->mentor->name, "Ann");
        EXPECT_EQ(sent.count(), 2U);
        sent.clear();

        orm::session other{engine};
        const auto ann =
            co_await other.one(orm::select<author>()
                                   .where(col<&author::id> == 1)
                                   .options(orm::selectinload<&author::books>().joinedload<&book::reviews>()));
        EXPECT_EQ(sent.count(), 2U);
        EXPECT_EQ(titles(ann->books), "Alpha, Beta, Gamma");
        EXPECT_EQ(ann->books[0]->reviews.size(), 2U);
        EXPECT_TRUE(ann->books[1]->reviews.empty());
    });
}

TEST(orm_loading, contains_eager_takes_what_the_statement_joins)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>()
                              .join<&author::books>()
                              .where(col<&book::title> != "Beta")
                              .order_by(col<&author::id>, col<&book::title>)
                              .options(orm::contains_eager<&author::books>());
        const auto all = co_await s.all(stmt);
        EXPECT_EQ(sent.count(), 1U);
        EXPECT_EQ(names(all), "Ann, Bob");
        EXPECT_EQ(titles(all[0]->books), "Alpha, Gamma");
    });
}

TEST(orm_loading, entities_of_an_outer_join_that_are_not_there)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author, book>().outer_join<&author::books>().where(col<&author::name> == "Cid");
        const auto [cid, none] = co_await s.one(stmt);
        EXPECT_EQ(cid->name, "Cid");
        EXPECT_FALSE(none);
    });
}

} // namespace
