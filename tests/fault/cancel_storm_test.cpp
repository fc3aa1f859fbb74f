// Short transactions under a storm of cancels from another process: whatever statement a cancel hits, BEGIN, COMMIT and
// ROLLBACK included, no row is ever left of a transaction that was not reported as committed.
#include "support/process.hpp"
#include "support/run.hpp"
#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using tusk::test::run;

constexpr std::string_view victim_name = "cancel_storm_victim"; // the application_name by which the storm finds it

/// pg_cancel_backend() raises the signal that a CancelRequest raises, but needs no new connection for each: so there
/// are many more of them.
asio::awaitable<void> cancel_for_ever(tusk::connect_options options)
{
    tusk::connection conn = co_await tusk::connect(options);
    std::optional<std::int32_t> victim;
    while (!victim)
        victim = co_await conn.query_optional<std::int32_t>(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1", victim_name);
    std::minstd_rand dice; // lulls now and then, so that the cancels do not fall in step with the transactions
    for (;;) {
        co_await conn.execute("SELECT pg_cancel_backend($1)", *victim);
        if (dice() % 16 == 0)
            co_await tusk::test::pause(std::chrono::microseconds{dice() % 200});
    }
}

/// A process that cancels whatever the victim does, for as long as this object lives.
class storm
{
public:
    explicit storm(const tusk::connect_options& options)
    {
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ < 0)
            throw std::system_error{errno, std::generic_category(), "fork"};
        if (process_ == 0)
            blow(options, parent);
    }
    storm(const storm&) = delete;
    storm& operator=(const storm&) = delete;
    ~storm()
    {
        ::kill(process_, SIGKILL);
        tusk::test::wait_for(process_);
    }

    /// Whether it has gone on until now.
    bool is_blowing() const noexcept
    {
        siginfo_t ended{};
        return ::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               ended.si_pid == 0;
    }

private:
    /// It must not outlive its parent, whose descriptors it has: the server would not see its owner's end.
    [[noreturn]] static void blow(const tusk::connect_options& options, pid_t parent) noexcept
    {
        try {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() == parent) {
                asio::io_context io;
                asio::co_spawn(io, cancel_for_ever(options), asio::detached);
                io.run();
            }
        } catch (...) {
            ::_exit(2);
        }
        ::_exit(1); // its connection was lost
    }

    pid_t process_;
};

/// What became of the transactions, by their numbers.
struct outcomes {
    std::vector<bool> committed;
    std::size_t cancelled = 0;
};

asio::awaitable<void> insert(tusk::transaction& tx, std::size_t number, std::string_view part)
{
    co_await tx.execute("INSERT INTO cancel_storm VALUES ($1, $2)", static_cast<std::int64_t>(number), part);
}

/// Two rows that belong together, put there in one of the ways in which a transaction can start and go on.
asio::awaitable<void> insert_both(tusk::transaction& tx, std::size_t number)
{
    switch (number % 8) {
    case 0: { // a text that was never prepared: BEGIN travels with its Parse
        const std::string text = fmt::format("INSERT INTO cancel_storm VALUES ($1, 'a') -- {}", number);
        co_await tx.execute(text, static_cast<std::int64_t>(number));
        break;
    }
    case 1: { // the simple protocol, behind a flight of its own for BEGIN
        const std::string text = fmt::format("INSERT INTO cancel_storm VALUES ({}, 'a')", number);
        co_await tx.execute_script(text);
        break;
    }
    case 2: // BEGIN and SAVEPOINT travel together
        co_await tx.with_transaction(
            [&](tusk::transaction& inner) -> asio::awaitable<void> { co_await insert(inner, number, "a"); });
        break;
    default: co_await insert(tx, number, "a");
    }
    if (number % 8 == 3)
        co_await tx.with_transaction(
            [&](tusk::transaction& inner) -> asio::awaitable<void> { co_await insert(inner, number, "b"); });
    else
        co_await insert(tx, number, "b");
}

asio::awaitable<void> run_some(tusk::connection& conn, std::size_t first, std::size_t end, outcomes& came)
{
    for (std::size_t number = first; number < end; ++number) {
        try {
            co_await conn.with_transaction(
                [&](tusk::transaction& tx) -> asio::awaitable<void> { co_await insert_both(tx, number); });
            came.committed[number] = true;
        } catch (const tusk::query_canceled&) {
            ++came.cancelled;
        }
    }
}

TEST(cancel_storm, leaves_no_row_outside_a_transaction)
{
    // The full number is for the evidence, the small one for every day.
    const bool full = std::getenv("TUSK_FULL_STORM") != nullptr; // NOLINT(concurrency-mt-unsafe): one thread
    const std::size_t count = full ? 100'000 : 10'000;
    constexpr std::size_t slice = 1'000; // so many at a time must not take longer than the limit for hanging
    constexpr std::size_t enough = 10;   // cancels that hit; on a busy machine it takes more transactions to get them

    tusk::test::server().run_sql("DROP TABLE IF EXISTS cancel_storm; CREATE TABLE cancel_storm (n bigint, part text)");
    tusk::connect_options options{tusk::test::server().url()};
    outcomes came;
    std::size_t done = 0;
    {
        const storm blowing{options}; // before this process has an execution context
        options.application_name = victim_name;
        asio::io_context io;
        std::optional<tusk::connection> conn;
        const auto connect = [&]() -> asio::awaitable<void> { conn = co_await tusk::connect(options); };
        run(io, connect());
        for (; done < count || (came.cancelled < enough && done < 10 * count); done += slice) {
            came.committed.resize(done + slice);
            run(io, run_some(*conn, done, done + slice, came));
        }
        EXPECT_TRUE(blowing.is_blowing());
    }

    std::size_t committed = 0;
    for (const bool each : came.committed)
        committed += each ? 1 : 0;
    fmt::print("{} transactions, of which {} were committed and {} cancelled\n", done, committed, came.cancelled);
    EXPECT_EQ(committed + came.cancelled, done);
    EXPECT_GE(came.cancelled, enough) << "the storm was too weak to prove anything";
    EXPECT_GT(committed, 0U) << "the storm was too strong to prove anything";

    options.application_name.clear();
    run([&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(options);
        const tusk::result rows =
            co_await conn.query("SELECT n, string_agg(part, '' ORDER BY part) FROM cancel_storm GROUP BY n ORDER BY n");
        EXPECT_EQ(rows.size(), committed);
        for (const auto& [number, parts] : rows.as<std::int64_t, std::string>()) {
            EXPECT_EQ(parts, "ab") << "transaction " << number;
            EXPECT_TRUE(came.committed[static_cast<std::size_t>(number)])
                << "transaction " << number << " has rows, and was reported as cancelled";
        }
        co_await conn.execute("DROP TABLE cancel_storm");
    });
}

} // namespace
