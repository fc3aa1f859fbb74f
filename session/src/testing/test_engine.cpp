#include "testing/test_engine.hpp"

#include "session/session_state.hpp"

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/detail/transaction_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>

#include <asio/error_code.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::detail {

namespace {

/// What a commit does to deferred constraints: they are checked, and the next transaction finds them as they were
/// declared. (SET CONSTRAINTS ALL DEFERRED would also defer what is declared INITIALLY IMMEDIATE. A name that another
/// constraint of its schema has too, one that cannot be deferred, cannot be set alone.)
constexpr std::string_view check_constraints = R"sql(SET CONSTRAINTS ALL IMMEDIATE;
DO $tusk$
DECLARE
    names text;
BEGIN
    SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') INTO names
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
    WHERE c.condeferred AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint o
        WHERE o.connamespace = c.connamespace AND o.conname = c.conname AND NOT o.condeferrable);
    IF names IS NOT NULL THEN
        EXECUTE 'SET CONSTRAINTS ' || names || ' DEFERRED';
    END IF;
END
$tusk$)sql";

/// The end of a savepoint does not end what SET LOCAL did in it, as the end of a transaction would.
void append_resets(std::string& to, const std::vector<std::string>& names)
{
    for (const std::string& each : names) {
        const std::size_t dot = each.find('.');
        const identifier name = dot == std::string::npos
                                    ? identifier{each}
                                    : identifier{each.substr(0, dot), std::string_view{each}.substr(dot + 1)};
        to += "; SET LOCAL " + name.sql() + " TO DEFAULT";
    }
}

} // namespace

void test_engine::require_open() const
{
    if (!root_)
        throw usage_error{"this test transaction has ended: what was bound to it can run nothing more"};
}

// ---- Turns.

asio::awaitable<void> test_engine::take_turn()
{
    require_open();
    if (!taken_) {
        taken_ = true;
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    waiter me{asio::steady_timer{executor, asio::steady_timer::time_point::max()}};
    waiting_.push_back(&me);
    struct leaving {
        std::deque<waiter*>& from;
        waiter* who;
        leaving(std::deque<waiter*>& queue, waiter* which) : from{queue}, who{which} {}
        leaving(const leaving&) = delete;
        leaving& operator=(const leaving&) = delete;
        ~leaving() { std::erase(from, who); }
    } const guard{waiting_, &me};
    asio::error_code ignored;
    co_await me.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (me.has_turn)
        co_return;
    require_open();
    throw operation_aborted{"waiting for another session of the test transaction was cancelled"};
}

void test_engine::pass_turn() noexcept
{
    taken_ = false;
    if (waiting_.empty())
        return;
    taken_ = true;
    waiter* next = waiting_.front();
    waiting_.pop_front();
    next->has_turn = true;
    next->timer.cancel();
}

// ---- Transactions.

asio::awaitable<void> test_engine::open(session_state& of, std::source_location /*who*/)
{
    co_await take_turn();
    test_turn turn{shared_from_this(), [](void* whose) noexcept { static_cast<test_engine*>(whose)->pass_turn(); }};
    require_open();
    const transaction_wishes& wishes = of.wishes();
    setting_list access_mode;
    if (wishes.mode == access::read_only)
        access_mode.emplace_back("transaction_read_only", "on");
    request_ptr made =
        make_savepoint(transaction_access::target_of(*root_), settings_statement(access_mode, wishes.settings));
    transaction begun = co_await await_value<transaction, take_transaction>(std::move(made));
    of.keep_nothing(wishes.mode == access::read_only);
    of.opened(std::move(turn), *lease_, std::move(begun));
}

asio::awaitable<void> test_engine::commit(session_state& of)
{
    const target whole = of.whole();
    if (of.keeps_nothing()) {
        // Only so does READ ONLY end with it. It has changed nothing.
        co_await await_nothing(has_failed(whole) ? make_commit_of_all(whole) : make_rollback_of_all(whole));
        co_return;
    }
    if (was_started(whole) && !has_failed(whole) && !is_lost(whole)) {
        std::string sql{check_constraints};
        append_resets(sql, of.names_set());
        std::exception_ptr refused;
        request_ptr checking = make_script(of.where(), sql);
        try {
            co_await await_value<std::vector<result>, take_results>(std::move(checking));
        } catch (const usage_error&) {
            throw; // a COPY is open
        } catch (...) {
            refused = std::current_exception();
        }
        if (refused) {
            co_await await_nothing(make_rollback_of_all(whole));
            std::rethrow_exception(refused);
        }
    }
    co_await await_nothing(make_commit_of_all(whole));
}

asio::awaitable<void> test_engine::roll_back()
{
    require_open();
    request_ptr ending = make_rollback_of_all(transaction_access::target_of(*root_));
    std::exception_ptr failed;
    try {
        co_await await_nothing(std::move(ending));
    } catch (...) {
        failed = std::current_exception();
    }
    drop();
    if (failed)
        std::rethrow_exception(failed);
}

void test_engine::drop() noexcept
{
    root_.reset();
    lease_.release();
    for (waiter* each : waiting_)
        each->timer.cancel();
}

// ---- For the engine's user.

asio::awaitable<pooled_connection> test_engine::connect(std::source_location /*who*/)
{
    throw usage_error{"the engine of a test transaction lends no connections: what is done on one would not be undone; "
                      "use a session"};
    co_return pooled_connection{};
}

asio::awaitable<void> test_engine::dispose() { co_return; }

asio::awaitable<pool_disposal> test_engine::dispose(engine_options::duration /*grace*/) { co_return pool_disposal{}; }

} // namespace tusk::detail
