#include "session/session_state.hpp"

#include <tusk/driver/detail/transaction_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/session/error.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

/// A caller gave up, or its time did: the server may have done it all the same.
bool is_interruption(const failure& what)
{
    if (what.fields() != nullptr || !what)
        return false;
    try {
        what.raise();
    } catch (const operation_aborted&) {
        return true;
    } catch (const timeout_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

void session_state::opened(pooled_connection lease, transaction begun)
{
    lease_ = std::move(lease);
    link_ = &*lease_;
    entered_transaction(std::move(begun));
}

void session_state::opened(test_turn turn, tusk::connection& at, transaction begun)
{
    turn_ = std::move(turn);
    link_ = &at;
    entered_transaction(std::move(begun));
}

void session_state::entered_transaction(transaction begun)
{
    levels_.push_back(level{std::move(begun), nullptr, {}});
    for (auto& [name, value] : wishes_.settings)
        names_set_.push_back(std::move(name));
    wishes_ = {};
    open_.store(true, std::memory_order_release);
}

const target& session_state::whole() const { return transaction_access::target_of(levels_.front().handle); }

const target& session_state::where() const { return transaction_access::target_of(levels_.back().handle); }

transaction& session_state::innermost() const
{
    return const_cast<transaction&>(levels_.back().handle); // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

// ---- What became of its statements.

void session_state::note(failure failed) noexcept
{
    try {
        if (is_interruption(failed))
            fail(std::move(failed));
    } catch (...) {
        return; // no memory to remember it with; the server's status tells as much
    }
}

void session_state::fail(failure failed) noexcept
{
    if (!levels_.empty() && !levels_.back().interruption)
        levels_.back().interruption = std::move(failed);
}

failure session_state::interruption() const { return interruption_in(0); }

failure session_state::interruption_in(std::size_t depth) const
{
    for (std::size_t i = depth; i < levels_.size(); ++i)
        if (levels_[i].interruption)
            return levels_[i].interruption;
    return {};
}

void session_state::require_sound() const
{
    const target& at = where();
    const failure interrupted = interruption();
    if (!interrupted && !has_failed(at) && !is_lost(at))
        return;
    if (is_lost(at))
        throw pending_rollback{"the connection of the session's transaction is lost, and the transaction with it: "
                               "co_await rollback() on the session, then start the work anew",
                               nullptr};
    const failure first = interrupted ? interrupted : first_error(at);
    const char* const mend = depth() == 0
                                 ? "co_await rollback() on the session, then start the work anew"
                                 : "roll its savepoint back (begin_nested(block) does that when the exception leaves "
                                   "the block), or the whole session";
    throw pending_rollback{fmt::format("the session's transaction has failed and runs nothing more: {}. It failed "
                                       "with: {}",
                                       mend, first ? first.message() : std::string{"an error that was not kept"}),
                           first ? first.exception() : nullptr};
}

// ---- Its end.

void session_state::drop_levels(std::size_t down_to) noexcept
{
    // From the outside in: ended first, the outer one ends the inner ones without a word to the server for each.
    for (std::size_t i = down_to; i < levels_.size(); ++i)
        static_cast<void>(transaction{std::move(levels_[i].handle)});
    levels_.erase(levels_.begin() + static_cast<std::ptrdiff_t>(down_to), levels_.end());
}

void session_state::give_up() noexcept
{
    open_.store(false, std::memory_order_release);
    drop_levels(0);
    link_ = nullptr;
    lease_.release();
    turn_.end();
    names_set_.clear();
    begun_ = false;
}

void session_state::finish(transaction_end how)
{
    give_up();
    wishes_ = {};
    const std::vector<call> committed = std::exchange(after_commit_, {});
    const std::vector<std::function<void()>> undone = std::exchange(after_rollback_, {});
    if (observer_ != nullptr)
        observer_->transaction_ended(how);
    if (how == transaction_end::committed)
        for (const call& each : committed)
            each.what();
    if (how == transaction_end::rolled_back)
        for (const auto& each : undone)
            each();
}

void session_state::call_after_commit(std::function<void()> what)
{
    after_commit_.push_back(call{std::move(what), depth()});
}

void session_state::call_after_rollback(std::function<void()> what) { after_rollback_.push_back(std::move(what)); }

} // namespace tusk::detail
