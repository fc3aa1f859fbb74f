// Entities in batches.
#include "loading_testing.hpp"
#include "support/observe.hpp"

#include <cstdint>

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

void add_many_books(int count)
{
    tusk::test::server().run_sql("INSERT INTO books (id, title, author_id, summary) SELECT i, 'B' || i, 1 + i % 2, "
                                 "repeat('x', 100) FROM generate_series(100, 99 + " +
                                 std::to_string(count) + ") i");
}

TEST(orm_stream, batches_of_entities_with_their_relations)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto stmt = orm::select<author>().order_by(col<&author::id>).options(orm::selectinload<&author::books>());
        auto batches = co_await s.stream(stmt, 2);
        std::string said;
        while (co_await batches.next_batch()) {
            said += "[";
            for (const orm::ref<author>& each : batches)
                said += each->name + " " + std::to_string(each->books.size()) + " ";
            said += "]";
            // Other statements of the transaction may run meanwhile.
            const std::int64_t count = co_await s.count(orm::select<genre>());
            EXPECT_EQ(count, 3);
        }
        EXPECT_EQ(said, "[Ann 3 Bob 1 ][Cid 0 ]");
        EXPECT_EQ(sent.count(), 5U); // the stream, and for each batch books and the count
    });
}

TEST(orm_stream, batches_of_values_and_of_sql_by_hand)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        auto rows = co_await s.stream(orm::select(col<&book::title>, col<&book::id>).order_by(col<&book::title>), 3);
        std::string said;
        while (co_await rows.next_batch())
            for (const auto& [title, id] : rows)
                said += title + " ";
        EXPECT_EQ(said, "Alpha Beta Delta Epsilon Gamma ");

        auto written = co_await s.stream(orm::from_sql<author>("SELECT * FROM authors ORDER BY id"), 2);
        std::size_t count = 0;
        while (co_await written.next_batch())
            count += written.size();
        EXPECT_EQ(count, 3U);
    });
}

TEST(orm_stream, entities_that_nobody_holds_are_gone_with_their_batch)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        add_many_books(60'000);
        orm::session s{engine};
        tusk::test::memory_mark memory;
        orm::ref<const book> kept;
        {
            auto batches = co_await s.stream(orm::select<book>().order_by(col<&book::id>), 500);
            std::size_t count = 0;
            while (co_await batches.next_batch()) {
                count += batches.size();
                memory.look();
                if (!kept)
                    kept = batches[0];
            }
            EXPECT_EQ(count, 60'005U);
        }
        EXPECT_LT(memory.growth(), 4U << 20); // all of them would be more than ten times that
        EXPECT_EQ(kept->title, "Gamma");
    });
}

TEST(orm_stream, ends_early_without_harm)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        add_many_books(5'000);
        orm::session s{engine};
        {
            auto batches = co_await s.stream(orm::select<book>(), 10);
            const bool there_are = co_await batches.next_batch();
            EXPECT_TRUE(there_are);
        }
        const std::int64_t count = co_await s.count(orm::select<book>());
        EXPECT_EQ(count, 5'005);
        co_await s.commit();
    });
}

TEST(orm_stream, refuses_a_joined_collection)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto refused = co_await thrown<tusk::usage_error>([&]() -> asio::awaitable<int> {
            co_await s.stream(orm::select<author>().options(orm::joinedload<&author::books>()));
            co_return 0;
        });
        expect_mentions(refused, "selectinload");
        EXPECT_EQ(sent.count(), 0U);
    });
}

} // namespace
