// Relations loaded by statements of their own, and how many those are.
#include "loading_testing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

TEST(orm_loading, guide_42_selectinload_of_a_collection)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>().order_by(col<&author::id>).options(orm::selectinload<&author::books>());
        const auto all = co_await s.all(stmt);
        EXPECT_EQ(sent.count(), 2U);
        expect_mentions(std::runtime_error{sent.back()}, "FROM books WHERE books.author_id = ANY($1)");
        EXPECT_EQ(titles(all[0]->books), "Alpha, Beta, Gamma"); // in the order of the relation
        EXPECT_EQ(titles(all[1]->books), "Delta");
        EXPECT_TRUE(all[2]->books.is_loaded());
        EXPECT_TRUE(all[2]->books.empty());
        // The other side is known too.
        EXPECT_EQ(all[0]->books[0]->author, all[0]);
        EXPECT_EQ(sent.count(), 2U);
    });
}

TEST(orm_loading, guide_42_selectinload_of_what_was_found_already)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto ann = co_await s.get<author>(1);
        const auto bob = co_await s.get<author>(2);
        sent.clear();
        const auto stmt = orm::select<book>().order_by(col<&book::title>).options(orm::selectinload<&book::author>());
        const auto all = co_await s.all(stmt);
        EXPECT_EQ(sent.count(), 1U); // both authors were in the identity map
        EXPECT_EQ(all[0]->author, ann);
        EXPECT_EQ(all[2]->author, bob); // of Delta
        EXPECT_TRUE(all[3]->author.is_loaded());
        EXPECT_FALSE(all[3]->author); // Epsilon has none
    });
}

TEST(orm_loading, selectinload_of_single_entities_asks_for_those_that_are_missing)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto all =
            co_await s.all(orm::select<book>().order_by(col<&book::title>).options(orm::selectinload<&book::author>()));
        EXPECT_EQ(sent.count(), 2U);
        expect_mentions(std::runtime_error{sent.back()}, "FROM authors WHERE authors.id = ANY($1)");
        EXPECT_EQ(all[0]->author->name, "Ann");
        EXPECT_EQ(all[0]->author, all[1]->author.get());
    });
}

TEST(orm_loading, selectinload_through_a_secondary_table)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto books =
            co_await s.all(orm::select<book>().order_by(col<&book::title>).options(orm::selectinload<&book::genres>()));
        EXPECT_EQ(sent.count(), 2U);
        EXPECT_EQ(books[0]->genres.size(), 2U);
        EXPECT_EQ(labels(books[1]->genres), "crime");
        EXPECT_TRUE(books[2]->genres.empty());
        EXPECT_FALSE(books[1]->genres[0]->books.is_loaded()); // others may have it as well

        const auto genres = co_await s.all(
            orm::select<genre>().order_by(col<&genre::label>).options(orm::selectinload<&genre::books>()));
        EXPECT_EQ(genres[0]->books.size(), 2U);
        EXPECT_EQ(titles(genres[1]->books), "Alpha");
        EXPECT_TRUE(genres[2]->books.empty());
    });
}

TEST(orm_loading, selectinload_of_chains_takes_one_statement_a_level)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>()
                              .order_by(col<&author::id>)
                              .options(orm::selectinload<&author::books>().options(orm::selectinload<&book::genres>(),
                                                                                   orm::selectinload<&book::reviews>()),
                                       orm::selectinload<&author::portrait>(), orm::selectinload<&author::mentor>());
        const auto all = co_await s.all(stmt);
        // authors; books and portraits (mentors are authors that are there); genres and reviews.
        EXPECT_EQ(sent.count(), 5U);
        EXPECT_EQ(all[0]->portrait->painter, "Pia");
        EXPECT_TRUE(all[1]->portrait.is_loaded());
        EXPECT_FALSE(all[1]->portrait);
        EXPECT_EQ(all[0]->portrait->author, all[0]);
        EXPECT_EQ(all[1]->mentor, all[0]);
        EXPECT_FALSE(all[0]->mentor);
        const orm::ref<book> alpha = all[0]->books.front();
        EXPECT_EQ(alpha->genres.size(), 2U);
        EXPECT_EQ(alpha->reviews.size(), 2U);
        EXPECT_EQ(alpha->reviews[0]->book, alpha);
        EXPECT_TRUE(all[0]->books[1]->reviews.empty());
    });
}

TEST(orm_loading, selectinload_of_a_class_by_itself)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto ann =
            co_await s.one(orm::select<author>()
                               .where(col<&author::name> == "Ann")
                               .options(orm::selectinload<&author::pupils>().selectinload<&author::mentor>()));
        EXPECT_EQ(ann->pupils.size(), 2U);
        EXPECT_EQ(ann->pupils[0]->mentor, ann);
        EXPECT_EQ(sent.count(), 2U); // the mentor of the pupils is here
    });
}

TEST(orm_loading, keys_of_several_columns)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto shelves = co_await s.all(orm::select<shelf>()
                                                .order_by(col<&shelf::room>, col<&shelf::place>)
                                                .options(orm::selectinload<&shelf::copies>()));
        EXPECT_EQ(sent.count(), 2U);
        EXPECT_EQ(shelves[0]->copies.size(), 2U);
        EXPECT_EQ(shelves[1]->copies.size(), 1U);
        EXPECT_TRUE(shelves[2]->copies.empty());
        sent.clear();

        orm::session other{engine};
        const auto copies =
            co_await other.all(orm::select<copy>().order_by(col<&copy::id>).options(orm::selectinload<&copy::shelf>()));
        EXPECT_EQ(sent.count(), 2U);
        EXPECT_EQ(copies[0]->shelf, copies[1]->shelf.get());
        EXPECT_EQ(copies[2]->shelf->place, "right");
        EXPECT_FALSE(copies[3]->shelf); // lost
    });
}

TEST(orm_loading, many_keys_go_in_pieces_of_ten_thousand)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        tusk::test::server().run_sql(
            "INSERT INTO authors (id, name) SELECT i, 'A' || i FROM generate_series(100, 20199) i;"
            "INSERT INTO books (id, title, author_id, summary) "
            "SELECT i, 'B' || i, i, '' FROM generate_series(100, 20199) i");
        orm::session s{engine};
        const auto all = co_await s.all(
            orm::select<author>().where(col<&author::id> >= 100).options(orm::selectinload<&author::books>()));
        EXPECT_EQ(all.size(), 20'100U);
        EXPECT_EQ(sent.count(), 4U);
        EXPECT_EQ(sent.all()[1], sent.all()[3]); // the same text, whatever the number of keys
        const bool each_has_its_own = std::ranges::all_of(all, [](const orm::ref<author>& each) {
            return each->books.size() == 1 && each->books[0]->title == "B" + std::to_string(each->id);
        });
        EXPECT_TRUE(each_has_its_own);
    });
}

TEST(orm_loading, guide_44_what_was_not_loaded_throws)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto ann = co_await s.get<author>(1);
        sent.clear();
        try {
            static_cast<void>(ann->books.size());
            ADD_FAILURE() << "nothing was thrown";
        } catch (const orm::not_loaded& e) {
            expect_mentions(e, "author::books", "selectinload", "load");
        }
        EXPECT_EQ(sent.count(), 0U);
    });
}

TEST(orm_loading, load_says_what_selectinload_says)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto all = co_await s.all(orm::select<author>().order_by(col<&author::id>));
        sent.clear();
        co_await s.load<&author::books>(all);
        EXPECT_EQ(sent.count(), 1U);
        EXPECT_EQ(titles(all[0]->books), "Alpha, Beta, Gamma");
        EXPECT_TRUE(all[2]->books.empty());

        const orm::ref<const book> delta = all[1]->books[0];
        co_await s.load<&book::reviews>(delta);
        EXPECT_EQ(delta->reviews[0]->stars, 1);
        EXPECT_EQ(sent.count(), 2U);
    });
}

TEST(orm_loading, load_reads_anew)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto bob = co_await s.get<author>(2);
        co_await s.load<&author::books>(bob);
        EXPECT_EQ(titles(bob->books), "Delta");
        tusk::test::server().run_sql("INSERT INTO books (id, title, author_id, summary) VALUES (20, 'Zeta', 2, '')");
        EXPECT_EQ(titles(bob->books), "Delta");
        co_await s.load<&author::books>(bob);
        EXPECT_EQ(titles(bob->books), "Delta, Zeta");
    });
}

TEST(orm_loading, load_refuses_handles_that_are_not_the_sessions)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        orm::session other{engine};
        const auto ann = co_await other.get<author>(1);
        const auto foreign = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await s.load<&author::books>(ann);
            co_return 0;
        });
        expect_mentions(foreign, "author", "another session");
        co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await s.load<&author::books>(orm::ref<author>{});
            co_return 0;
        });
    });
}

TEST(orm_loading, deferred_columns_are_left_out_and_filled_in)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<book>().where(col<&book::title> == "Alpha").options(orm::defer<&book::summary>());
        const auto alpha = co_await s.one(stmt);
        EXPECT_EQ(sent.back().find("summary"), std::string::npos);
        EXPECT_FALSE(alpha->summary.is_loaded());
        EXPECT_THROW(static_cast<void>(alpha->summary.get()), orm::not_loaded);

        const auto whole = co_await s.one(orm::select<book>().where(col<&book::title> == "Alpha"));
        EXPECT_EQ(whole, alpha);
        EXPECT_EQ(*alpha->summary, "first");

        orm::session other{engine};
        const auto ann = co_await other.one(orm::select<author>()
                                                .where(col<&author::id> == 1)
                                                .options(orm::selectinload<&author::books>().defer<&book::summary>()));
        EXPECT_FALSE(ann->books[0]->summary.is_loaded());
    });
}

TEST(orm_loading, a_row_does_not_overwrite_within_a_transaction_and_does_in_a_later_one)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto read = orm::select<author>().where(col<&author::id> == 2);
        const orm::ref<const author> bob = co_await s.one<const author>(read);
        tusk::test::server().run_sql("UPDATE authors SET name = 'Robert' WHERE id = 2");
        co_await s.one<const author>(read);
        EXPECT_EQ(bob->name, "Bob");
        co_await s.commit();
        co_await s.one<const author>(read);
        EXPECT_EQ(bob->name, "Robert");
    });
}

} // namespace
