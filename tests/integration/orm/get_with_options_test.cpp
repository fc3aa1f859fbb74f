// `get` with loader options: what a SELECT with them would load.
#include "loading_testing.hpp"

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

TEST(orm_get_with_options, relations_are_loaded_as_by_a_select)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto ann = co_await s.get<author>(1, orm::selectinload<&author::books>().defer<&book::summary>(),
                                                orm::joinedload<&author::portrait>());
        EXPECT_EQ(titles(ann->books), "Alpha, Beta, Gamma");
        EXPECT_FALSE(ann->books[0]->summary.is_loaded());
        EXPECT_EQ(ann->portrait->painter, "Pia");
        EXPECT_EQ(sent.count(), 2U);
        EXPECT_NE(sent.all().front().find("WHERE authors.id = $1"), std::string::npos) << sent.all().front();
        const auto nobody = co_await s.get<author>(99, orm::selectinload<&author::books>());
        EXPECT_FALSE(nobody);
    });
}

TEST(orm_get_with_options, one_that_is_here_gets_its_relations_too)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto bob = co_await s.get<author>(2);
        EXPECT_FALSE(bob->books.is_loaded());
        bob->name = "Bobby"; // unsaved: it is flushed first, as before any statement about its table
        sent.clear();
        const auto same = co_await s.get<author>(2, orm::joinedload<&author::books>());
        EXPECT_EQ(same, bob);
        EXPECT_EQ(titles(bob->books), "Delta");
        EXPECT_EQ(bob->name, "Bobby");
        EXPECT_EQ(sent.count(), 2U);
    });
}

TEST(orm_get_with_options, keys_of_several_columns_and_of_text)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto left = co_await s.get<shelf>(1, "left", orm::selectinload<&shelf::copies>());
        EXPECT_EQ(left->copies.size(), 2U);
        const auto crime = co_await s.get<genre>("crime", orm::joinedload<&genre::books>());
        EXPECT_EQ(crime->books.size(), 2U);
        const auto delta = co_await s.get_one<const book>(14, orm::defer<&book::summary>());
        EXPECT_FALSE(delta->summary.is_loaded());
        co_await thrown<tusk::row_count_error>(
            [&] { return s.get_one<book>(99, orm::selectinload<&book::reviews>()); });
    });
}

TEST(orm_get_with_options, what_cannot_be_is_said)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto joins =
            co_await thrown<tusk::usage_error>([&] { return s.get<author>(1, orm::contains_eager<&author::books>()); });
        expect_mentions(joins, "joinedload<&author::books>");
        const auto keys =
            co_await thrown<tusk::usage_error>([&] { return s.get<shelf>(1, orm::selectinload<&shelf::copies>()); });
        expect_mentions(keys, "shelf", "2 column(s)");
    });
}

} // namespace
