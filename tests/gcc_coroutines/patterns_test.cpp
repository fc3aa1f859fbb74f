// Every pattern that the public API invites, inside coroutines compiled by the compiler that is known to get them
// wrong. Run under the address sanitizer: a double free, a leak or a dangling argument ends the program.
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

const std::string long_text(64, 'x'); // beyond any small-string buffer

struct pair_of_columns {
    std::int32_t number{};
    std::string text;
};

void run(const std::function<asio::awaitable<void>(tusk::connection&)>& body)
{
    asio::io_context io;
    const auto session = [&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(tusk::test::server().url());
        co_await body(conn);
        co_await conn.close();
    };
    std::exception_ptr failed;
    asio::co_spawn(io, session(), [&](std::exception_ptr why) { failed = why; });
    io.run();
    if (failed)
        std::rethrow_exception(failed);
}

TEST(gcc_coroutines, temporaries_as_arguments)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        auto text = co_await conn.query_one<std::string>("SELECT $1::text", std::string(64, 'x'));
        EXPECT_EQ(text, long_text);
        text =
            co_await conn.query_one<std::string>("SELECT $1::text || $2::text", long_text + "y", std::string_view{"z"});
        EXPECT_EQ(text, long_text + "yz");
        auto size = co_await conn.query_one<std::int32_t>("SELECT length($1::bytea)", std::vector<std::byte>(100));
        EXPECT_EQ(size, 100);
        auto none =
            co_await conn.query_one<std::optional<std::string>>("SELECT $1::text", std::optional<std::string>{});
        EXPECT_FALSE(none.has_value());
        auto some = co_await conn.query_one<std::string>("SELECT $1::text", std::optional<std::string>{long_text});
        EXPECT_EQ(some, long_text);
        auto typed =
            co_await conn.query_one<std::string>("SELECT $1::text", tusk::as_type("text", std::string(64, 'x')));
        EXPECT_EQ(typed, long_text);
        auto sum = co_await conn.query_one<std::int64_t>("SELECT $1 + $2::bigint", tusk::as_type("bigint", 40), 2);
        EXPECT_EQ(sum, 42);
        co_await conn.execute(std::string{"SELECT '"} + long_text + "'");
    });
}

TEST(gcc_coroutines, option_arguments)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            tusk::transaction plain = co_await conn.begin();
            co_await plain.rollback();
            tusk::transaction typed =
                co_await conn.begin(tusk::isolation::serializable, tusk::access::read_only, tusk::deferrable::yes);
            co_await typed.commit();
            tusk::transaction braced = co_await conn.begin({tusk::isolation::repeatable_read, tusk::access::read_only});
            co_await braced.commit();
        }
        tusk::connection second = co_await tusk::connect(tusk::connect_options{tusk::test::server().url()});
        co_await second.close();
        tusk::connect_options options{tusk::test::server().url()};
        options.application_name = long_text;
        tusk::connection third = co_await tusk::connect(options);
        co_await third.close();
        tusk::connection fourth = co_await tusk::connect(std::string{tusk::test::server().url()});
        co_await fourth.close();
    });
}

TEST(gcc_coroutines, lambdas_in_transactions)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMP TABLE t (x text)");
        std::string text = long_text;
        co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES ($1)", text);
            co_await tx.with_transaction([&](tusk::transaction& inner) -> asio::awaitable<void> {
                co_await inner.execute("INSERT INTO t VALUES ($1)", text + "y");
            });
        });
        auto counted = co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<std::string> {
            co_return co_await tx.query_one<std::string>("SELECT string_agg(x, ',' ORDER BY x) FROM t");
        });
        EXPECT_EQ(counted, long_text + "," + long_text + "y");

        auto owner = std::make_shared<std::string>(long_text);
        auto named = [owner](tusk::transaction& tx) -> asio::awaitable<void> {
            co_await tx.execute("INSERT INTO t VALUES ($1)", *owner);
        };
        co_await conn.with_transaction(named);
        co_await conn.with_transaction(tusk::isolation::serializable, std::ref(named));
        std::function<asio::awaitable<void>(tusk::transaction&)> erased = [owner](tusk::transaction& tx) {
            return [](tusk::transaction& inner, std::string value) -> asio::awaitable<void> {
                co_await inner.execute("INSERT INTO t VALUES ($1)", value);
            }(tx, *owner);
        };
        co_await conn.with_transaction(erased);
        try {
            co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
                co_await tx.execute("INSERT INTO t VALUES ($1)", text);
                throw std::runtime_error{long_text};
            });
            ADD_FAILURE() << "the block's exception was lost";
        } catch (const std::runtime_error& thrown) {
            EXPECT_EQ(thrown.what(), long_text);
        }
        auto rows = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM t");
        EXPECT_EQ(rows, 5);
    });
}

TEST(gcc_coroutines, verbs_stored_and_awaited_later)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        auto later = conn.query_one<std::string>("SELECT $1::text", std::string(64, 'x'));
        auto command = conn.execute(std::string{"SELECT 1 -- "} + long_text);
        auto block = conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<int> {
            co_return co_await tx.query_one<std::int32_t>("SELECT 7");
        });
        co_await conn.execute("SELECT $1::text", std::string(200, 'y')); // writes over what was freed
        auto text = co_await std::move(later);
        EXPECT_EQ(text, long_text);
        co_await std::move(command);
        int seven = co_await std::move(block);
        EXPECT_EQ(seven, 7);
        auto never = conn.query("SELECT $1::text", std::string(64, 'n')); // dropped: nothing is sent, nothing leaks
    });
}

TEST(gcc_coroutines, verbs_handed_to_co_spawn)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        int answered = 0;
        for (int i = 0; i < 20; ++i)
            asio::co_spawn(executor,
                           conn.query_one<pair_of_columns>("SELECT $1::int, $2::text", i, std::string(64, 'x')),
                           [&, i](std::exception_ptr failed, const pair_of_columns& row) {
                               EXPECT_FALSE(failed);
                               EXPECT_EQ(row.number, i);
                               EXPECT_EQ(row.text, long_text);
                               ++answered;
                           });
        co_await conn.execute("SELECT 1");
        while (answered < 20)
            co_await asio::post(executor, asio::use_awaitable);
    });
}

TEST(gcc_coroutines, every_shape_of_result)
{
    run([](tusk::connection& conn) -> asio::awaitable<void> {
        auto aggregate = co_await conn.query_one<pair_of_columns>("SELECT 1, repeat('x', 64)");
        EXPECT_EQ(aggregate.text, long_text);
        auto tuple = co_await conn.query_one<std::tuple<std::int32_t, std::string>>("SELECT 2, repeat('x', 64)");
        EXPECT_EQ(std::get<1>(tuple), long_text);
        auto [number, text] =
            co_await conn.query_one<std::tuple<std::int32_t, std::string>>("SELECT 3, repeat('x', 64)");
        EXPECT_EQ(number, 3);
        EXPECT_EQ(text, long_text);
        auto maybe = co_await conn.query_optional<pair_of_columns>("SELECT 1, repeat('x', 64)");
        EXPECT_TRUE(maybe && maybe->text == long_text);
        auto outcome = co_await conn.try_query_one<pair_of_columns>("SELECT 1, repeat('x', 64)");
        EXPECT_TRUE(outcome && outcome->text == long_text);
        auto refused = co_await conn.try_execute("SELECT 1/0");
        EXPECT_EQ(refused.error().sqlstate(), tusk::sqlstate::division_by_zero);
        for (auto [n, t] : (co_await conn.query("SELECT 1, repeat('x', 64)")).as<std::int32_t, std::string>()) {
            EXPECT_EQ(n, 1);
            EXPECT_EQ(t, long_text);
        }
        auto results = co_await conn.execute_script("SELECT 1; SELECT repeat('x', 64)");
        EXPECT_EQ(results.size(), 2U);
        tusk::parameters list;
        list.add(1).add(std::string(64, 'x'));
        auto listed = co_await conn.query_one<pair_of_columns>("SELECT $1::int, $2::text", list);
        EXPECT_EQ(listed.text, long_text);
        auto moved = co_await conn.query_one<pair_of_columns>("SELECT $1::int, $2::text", std::move(list));
        EXPECT_EQ(moved.text, long_text);
        if (auto again = co_await conn.query_optional<std::string>("SELECT repeat('x', 64)"); again) {
            EXPECT_EQ(*again, long_text);
        }
    });
}

} // namespace
