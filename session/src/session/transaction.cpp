// How a session's transaction begins and ends.
#include "session/session_state.hpp"

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/transaction_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/detail/use.hpp>

#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// Nothing is known to have ended: the call did not fit.
bool is_refusal_to_end(const std::exception_ptr& failed)
{
    try {
        std::rethrow_exception(failed);
    } catch (const usage_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

transaction_end end_after(const std::exception_ptr& failed)
{
    try {
        std::rethrow_exception(failed);
    } catch (const commit_outcome_unknown&) {
        return transaction_end::unknown;
    } catch (const operation_aborted&) {
        return transaction_end::unknown;
    } catch (const timeout_error&) {
        return transaction_end::unknown;
    } catch (...) {
        return transaction_end::rolled_back;
    }
}

/// Rolls back what can be, and waits for it. What fails is left to the pool, which does the same when it gets the
/// connection.
asio::awaitable<void> undo(session_state& of)
{
    std::exception_ptr cancelled;
    try {
        co_await await_nothing(make_rollback_of_all(of.whole()));
    } catch (const operation_aborted&) {
        cancelled = std::current_exception();
    } catch (const error&) { // NOLINT(bugprone-empty-catch)
    }
    of.finish(transaction_end::rolled_back);
    if (cancelled)
        std::rethrow_exception(cancelled);
}

} // namespace

asio::awaitable<void> begin_transaction(std::shared_ptr<session_state> on)
{
    const session_use use{on};
    if (on->has_begun())
        throw usage_error{"a transaction has begun already in this session: commit it or roll it back first; "
                          "begin_nested() is a transaction inside it"};
    on->begin();
    co_return;
}

asio::awaitable<void> commit_transaction(std::shared_ptr<session_state> on)
{
    session_use use{on};
    if (on->observer() != nullptr)
        co_await on->observer()->flush(use);
    if (!on->is_open()) {
        on->finish(transaction_end::committed);
        co_return;
    }
    if (const failure why = on->interruption()) {
        co_await undo(*on);
        throw transaction_rolled_back{
            "the transaction was rolled back instead of committed, because a statement of it was broken off: " +
                why.message(),
            why.exception()};
    }
    std::exception_ptr failed;
    try {
        co_await on->engine().commit(*on);
    } catch (...) {
        failed = std::current_exception();
    }
    if (!failed) {
        on->finish(transaction_end::committed);
        co_return;
    }
    if (!is_refusal_to_end(failed))
        on->finish(end_after(failed));
    std::rethrow_exception(failed);
}

asio::awaitable<void> roll_back_transaction(std::shared_ptr<session_state> on)
{
    const session_use use{on};
    if (on->is_open())
        co_await undo(*on);
    else
        on->finish(transaction_end::rolled_back);
}

} // namespace tusk::detail
