// What a layer above a session is told.
#include "session_testing.hpp"

#include <tusk/session/detail/access.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace {

using namespace tusk::test;
using tusk::detail::session_access;
using tusk::detail::session_use;
using tusk::detail::transaction_end;

class recording final : public tusk::detail::session_observer
{
public:
    std::vector<std::string> told;
    std::string pending; ///< SQL that a flush sends.

    asio::awaitable<void> flush(session_use& use) override
    {
        told.emplace_back("flush");
        if (pending.empty())
            co_return;
        tusk::transaction* const on = co_await session_access::transaction(use);
        const std::string sql = std::exchange(pending, {});
        co_await on->execute(sql);
    }
    void savepoint_begun(std::size_t depth) noexcept override { told.push_back(fmt::format("begun {}", depth)); }
    void savepoint_released(std::size_t depth) noexcept override { told.push_back(fmt::format("released {}", depth)); }
    void savepoint_rolled_back(std::size_t depth) noexcept override { told.push_back(fmt::format("undone {}", depth)); }
    void transaction_ended(transaction_end how) noexcept override
    {
        told.emplace_back(how == transaction_end::committed     ? "committed"
                          : how == transaction_end::rolled_back ? "rolled back"
                                                                : "unknown");
    }
    std::string all()
    {
        std::string joined;
        for (const std::string& each : std::exchange(told, {}))
            joined += each + ", ";
        return joined;
    }
};

TEST(observer, is_told_of_every_end_and_sends_what_is_pending_before_it)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        co_await make_table(engine, "observer_told");
        recording observer;
        tusk::session s{engine};
        session_access::set_observer(s, &observer);
        observer.pending = "INSERT INTO observer_told VALUES (1, '')";
        co_await s.commit();
        EXPECT_EQ(observer.all(), "flush, committed, ");

        observer.pending = "INSERT INTO observer_told VALUES (2, '')";
        {
            tusk::savepoint first = co_await s.begin_nested();
            EXPECT_EQ(observer.all(), "flush, begun 1, ");
            const auto seen = co_await s.query_one<std::int64_t>("SELECT count(*) FROM observer_told");
            EXPECT_EQ(seen, 2) << "sent before the savepoint";
            {
                const tusk::savepoint second = co_await s.begin_nested();
            }
            EXPECT_EQ(observer.all(), "flush, begun 2, undone 2, ");
            observer.pending = "INSERT INTO observer_told VALUES (3, '')";
            co_await first.commit();
            EXPECT_EQ(observer.all(), "flush, released 1, ");
        }
        co_await s.rollback();
        EXPECT_EQ(observer.all(), "rolled back, ");

        observer.pending = "INSERT INTO observer_told VALUES (1, 'again')";
        co_await thrown<tusk::unique_violation>([&]() -> asio::awaitable<int> {
            co_await s.commit();
            co_return 0;
        });
        EXPECT_EQ(observer.all(), "flush, ") << "a flush that fails ends nothing";
        EXPECT_TRUE(s.in_transaction());
        co_await thrown<tusk::pending_rollback>([&] { return s.query("SELECT 1"); });
        co_await s.rollback();
        EXPECT_EQ(observer.all(), "rolled back, ");

        const auto count = co_await s.query_one<std::int64_t>("SELECT count(*) FROM observer_told");
        EXPECT_EQ(count, 1);
        session_access::set_observer(s, nullptr);
        co_await s.commit();
        EXPECT_EQ(observer.all(), "");
    });
}

TEST(observer, requests_that_were_made_elsewhere_run_as_verbs_do)
{
    run_with_engine([](tusk::engine& engine) -> asio::awaitable<void> {
        using take = tusk::detail::take_one<int>;
        tusk::session s{engine};
        for (int i = 0; i < 2; ++i) {
            tusk::detail::request_ptr made = tusk::detail::make_query({}, "SELECT $1::int", i);
            const int came =
                co_await session_access::run<int, take>(s, std::move(made), std::source_location::current());
            EXPECT_EQ(came, i);
        }
        co_await s.commit();
    });
}

} // namespace
