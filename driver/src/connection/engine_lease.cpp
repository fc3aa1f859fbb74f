// Who holds the connection: its handles, shared ones, and the transactions that lease it.
#include "connection/engine.hpp"
#include "connection/transaction.hpp"

#include <tusk/driver/error.hpp>

#include <asio/dispatch.hpp>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace tusk::detail {

/// Destructors of handles must not throw, and what they leave to do is done on the engine's executor. That is where
/// they are called, unless the engine has a strand that its callers do not run on. (Nothing is dispatched without
/// need: while an execution context is being destroyed, that would keep the engine longer than the context's sockets.)
template <class Function>
void engine::run_at_home(Function&& function) noexcept
{
    try {
        if (has_foreign_callers_.load(std::memory_order_relaxed))
            asio::dispatch(executor_, std::forward<Function>(function));
        else
            function();
    } catch (...) {
        // No memory to say goodbye with: the socket closes when the last share of the engine goes.
        return;
    }
}

void engine::drop_handle() noexcept
{
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        run_at_home([self = shared_from_this()] { self->shut(); });
}

void engine::add_share(unsigned lease)
{
    if (!lease_.use(lease))
        throw usage_error{"this connection went back to its pool: acquire one to share"};
    check_level(nullptr);
    shares_.fetch_add(1, std::memory_order_relaxed);
    add_handle();
}

void engine::drop_share() noexcept
{
    shares_.fetch_sub(1, std::memory_order_relaxed);
    drop_handle();
}

void engine::drop_level(std::shared_ptr<transaction_level> level) noexcept
{
    if (!level->finished)
        run_at_home([self = shared_from_this(), gone = std::move(level)] { self->abandon_level(gone); });
    drop_handle();
}

void engine::abandon_level(const std::shared_ptr<transaction_level>& level)
{
    if (level->finished || state_ != state::open)
        return;
    leave_level(*level); // and the inner ones: handles that outlive it find their level finished
    enqueue(make_rollback(target{shared_from_this(), level}));
}

void engine::drop_open(request_ptr what) noexcept
{
    if (state_ != state::closed)
        run_at_home([self = shared_from_this(), gone = std::move(what)] {
            if (self->state_ != state::closed)
                as_operation(gone).let_go(*self);
        });
    drop_handle();
}

// ---- Transactions.

void engine::leave_level(transaction_level& level)
{
    for (std::shared_ptr<transaction_level> each = top_; each; each = each->outer) {
        each->finished = true;
        if (!level.first_error) // of an inner one: what a commit of all of them has to report
            level.first_error = each->first_error;
        if (each.get() == &level) {
            top_ = each->outer;
            return;
        }
    }
}

[[gnu::hot]] void engine::check_holder() const
{
    if (holder_ != nullptr)
        throw usage_error{fmt::format("the connection is held by an open {}: read or write it to its end, or drop it, "
                                      "before you use the connection for something else",
                                      holder_->name())};
}

[[gnu::hot]] void engine::check_level(const transaction_level* level) const
{
    if (level == nullptr) {
        check_holder();
        if (top_)
            throw usage_error{"the connection is held by an open transaction: run the statement on the transaction "
                              "object, or end the transaction first"};
        return;
    }
    check_level_open(*level);
    if (top_.get() != level)
        throw usage_error{"an inner transaction is open: run the statement on it, or end it first"};
}

void engine::check_level_open(const transaction_level& level) const
{
    check_holder();
    if (level.finished)
        throw usage_error{"this transaction has ended: begin a new one"};
}

} // namespace tusk::detail
