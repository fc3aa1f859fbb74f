#include "migrate/run_lock.hpp"

#include "migrate/direct_connection.hpp"
#include "migrate/pause.hpp"

#include <fmt/format.h>

#include <chrono>

namespace tusk::migrate::detail {

namespace {

/// "tusk" in ASCII: the first half of the lock's key; the other one is the name of the version table.
constexpr int lock_class = 0x7475736b;

} // namespace

asio::awaitable<void> take_run_lock(connection& on, const settings& with)
{
    co_await require_direct_connection(on, with);
    const auto end = std::chrono::steady_clock::now() + with.lock_wait;
    bool has_told = false;
    // Asking again and again, since a session that waits inside a statement would keep CREATE INDEX CONCURRENTLY of the
    // one that it waits for from ending.
    for (;;) {
        const bool is_ours = co_await on.query_one<bool>("SELECT pg_try_advisory_lock($1::int, hashtext($2))",
                                                         lock_class, with.version_table);
        if (is_ours)
            co_return;
        if (std::chrono::steady_clock::now() >= end)
            throw run_in_progress{
                fmt::format("Another run of migrations holds the lock of this database, and did not "
                            "end within {} s; wait for it, or give it more time with --lock-wait",
                            std::chrono::duration_cast<std::chrono::seconds>(with.lock_wait).count())};
        if (!has_told && with.report)
            with.report("Another run of migrations is going on; waiting for it to end");
        has_told = true;
        co_await pause(std::chrono::milliseconds{200});
    }
}

asio::awaitable<void> release_run_lock(connection& on, const settings& with)
{
    co_await on.execute("SELECT pg_advisory_unlock($1::int, hashtext($2))", lock_class, with.version_table);
}

} // namespace tusk::migrate::detail
