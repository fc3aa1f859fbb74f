#include "session/session_state.hpp"

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/transaction_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/detail/use.hpp>
#include <tusk/session/savepoint.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace tusk {

namespace detail {

// ---- In the session.

savepoint session_state::nest(transaction begun)
{
    auto mark = std::make_shared<savepoint_mark>();
    levels_.push_back(level{std::move(begun), mark, {}});
    if (observer_ != nullptr)
        observer_->savepoint_begun(depth());
    return savepoint{shared_from_this(), std::move(mark)};
}

bool session_state::has(const savepoint_mark& which) const noexcept
{
    return std::ranges::any_of(levels_, [&](const level& each) { return each.mark.get() == &which; });
}

std::size_t session_state::find(const savepoint_mark& which) const
{
    for (std::size_t i = 1; i < levels_.size(); ++i)
        if (levels_[i].mark.get() == &which)
            return i;
    throw usage_error{"this savepoint has ended: it was released or rolled back to, or its transaction has ended"};
}

const target& session_state::savepoint_at(std::size_t depth) const
{
    return transaction_access::target_of(levels_[depth].handle);
}

void session_state::released(std::size_t depth) noexcept
{
    drop_levels(depth);
    for (call& each : after_commit_)
        each.depth = std::min(each.depth, depth - 1);
    if (observer_ != nullptr)
        observer_->savepoint_released(depth);
}

void session_state::rolled_back_to(std::size_t depth) noexcept
{
    drop_levels(depth);
    std::erase_if(after_commit_, [&](const call& each) { return each.depth >= depth; });
    if (observer_ != nullptr)
        observer_->savepoint_rolled_back(depth);
}

asio::awaitable<savepoint> begin_savepoint(std::shared_ptr<session_state> on, std::source_location who)
{
    session_use use{on};
    if (on->observer() != nullptr)
        co_await on->observer()->flush(use);
    co_await use.open(who);
    transaction begun = co_await use.innermost().begin();
    co_return on->nest(std::move(begun));
}

namespace {

asio::awaitable<void> release(std::shared_ptr<session_state> on, std::shared_ptr<savepoint_mark> which)
{
    session_use use{on};
    std::size_t depth = on->find(*which);
    if (on->observer() != nullptr) {
        co_await on->observer()->flush(use);
        depth = on->find(*which);
    }
    std::exception_ptr failed;
    const failure interrupted = on->interruption_in(depth);
    request_ptr ending =
        interrupted ? make_rollback_of_all(on->savepoint_at(depth)) : make_commit_of_all(on->savepoint_at(depth));
    try {
        co_await await_nothing(std::move(ending));
    } catch (const usage_error&) {
        throw; // a COPY is open
    } catch (...) {
        failed = std::current_exception();
    }
    if (!failed && !interrupted) {
        on->released(depth);
        co_return;
    }
    on->rolled_back_to(depth);
    if (failed) {
        use.note(failed);
        std::rethrow_exception(failed);
    }
    throw transaction_rolled_back{
        "the savepoint was rolled back to instead of released, because a statement of it was broken off: " +
            interrupted.message(),
        interrupted.exception()};
}

asio::awaitable<void> roll_back_to(std::shared_ptr<session_state> on, std::shared_ptr<savepoint_mark> which)
{
    const session_use use{on};
    const std::size_t depth = on->find(*which);
    std::exception_ptr failed;
    try {
        co_await await_nothing(make_rollback_of_all(on->savepoint_at(depth)));
    } catch (...) {
        failed = std::current_exception();
    }
    on->rolled_back_to(depth);
    if (failed) {
        use.note(failed);
        std::rethrow_exception(failed);
    }
}

} // namespace

} // namespace detail

// ---- The handle.

savepoint::savepoint(std::shared_ptr<detail::session_state> of, std::shared_ptr<detail::savepoint_mark> mark) noexcept
    : of_{std::move(of)}, mark_{std::move(mark)}
{
}

savepoint& savepoint::operator=(savepoint&& other) noexcept
{
    if (this != &other) {
        const savepoint gone{std::move(*this)};
        of_ = std::move(other.of_);
        mark_ = std::move(other.mark_);
    }
    return *this;
}

savepoint::~savepoint()
{
    if (of_)
        of_->abandon(*mark_);
}

namespace {

void refuse_moved_from(const std::shared_ptr<detail::session_state>& of)
{
    if (!of)
        throw usage_error{"this savepoint object was moved from"};
}

} // namespace

asio::awaitable<void> savepoint::commit()
{
    refuse_moved_from(of_);
    return detail::release(of_, mark_);
}

asio::awaitable<void> savepoint::rollback()
{
    refuse_moved_from(of_);
    return detail::roll_back_to(of_, mark_);
}

bool savepoint::is_active() const noexcept { return of_ && of_->has(*mark_); }

} // namespace tusk
