// Pages, and the repository.
#include "loading_testing.hpp"

namespace {

using namespace tusk::test::library;

TEST(orm_paging, guide_49_a_page_and_its_total)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<book>()
                              .where(col<&book::author_id> == 1)
                              .order_by(col<&book::title>)
                              .options(orm::selectinload<&book::genres>());
        const orm::page<book> page = co_await orm::paginate(s, stmt, 1, 1);
        EXPECT_EQ(titles(page.items), "Beta");
        EXPECT_EQ(page.total, 3);
        EXPECT_EQ(page.offset, 1);
        EXPECT_EQ(page.limit, 1);
        EXPECT_TRUE(page.has_more());
        EXPECT_EQ(labels(page.items.front()->genres), "crime");
        EXPECT_EQ(sent.count(), 3U);
    });
}

TEST(orm_paging, guide_50_has_more)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<book>().order_by(col<&book::title>);
        const orm::page<book> last = co_await orm::paginate(s, stmt, 3, 2);
        EXPECT_EQ(titles(last.items), "Epsilon, Gamma");
        EXPECT_FALSE(last.has_more());
        const orm::page<book> beyond = co_await orm::paginate(s, stmt, 10, 2);
        EXPECT_TRUE(beyond.items.empty());
        EXPECT_EQ(beyond.total, 5);
        EXPECT_FALSE(beyond.has_more());
        const orm::page<std::string> values =
            co_await orm::paginate(s, orm::select(col<&book::title>).order_by(col<&book::title>), 0, 1);
        EXPECT_EQ(values.items.front(), "Alpha");
        EXPECT_TRUE(values.has_more());
    });
}

TEST(orm_paging, a_repository_of_one_class)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::repository<genre> genres{s};
        EXPECT_EQ(co_await genres.count(), 3);
        const auto crime = co_await genres.get("crime");
        EXPECT_EQ(crime->label, "crime");
        const auto all = co_await genres.list();
        EXPECT_EQ(labels(all), "crime, poetry, travel");
        const auto some = co_await genres.list(1, 1);
        EXPECT_EQ(labels(some), "poetry");

        const orm::repository<author> authors{s};
        author made;
        made.id = 50;
        made.name = "Dan";
        const auto dan = co_await authors.create(made);
        EXPECT_EQ(dan->name, "Dan");
        EXPECT_FALSE(s.is_modified(dan)); // it was sent
        const auto rename = [](author& of) { of.name = "Daniel"; };
        co_await authors.update(dan, rename);
        const auto name = co_await s.scalar_one(orm::select(col<&author::name>).where(col<&author::id> == dan->id));
        EXPECT_EQ(name, "Daniel");
        const orm::page<author> page = co_await authors.page(2, 2);
        EXPECT_EQ(names(page.items), "Cid, Daniel");
        EXPECT_EQ(page.total, 4);
        co_await authors.remove(dan);
        EXPECT_EQ(co_await authors.count(), 3);
        EXPECT_TRUE(co_await genres.remove_by_key("travel"));
        EXPECT_FALSE(co_await genres.remove_by_key("travel"));
        EXPECT_EQ(co_await genres.count(), 2);
    });
}

} // namespace
