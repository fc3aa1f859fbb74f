#include <tusk/session/detail/retry.hpp>

#include <tusk/driver/error.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/session/error.hpp>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>

namespace tusk::detail {

namespace {

using clock = std::chrono::steady_clock;

/// A serialization failure or a deadlock, told directly or by what became of the transaction.
bool is_retryable(const std::exception_ptr& failed)
{
    if (!failed)
        return false;
    try {
        std::rethrow_exception(failed);
    } catch (const server_error& refused) {
        return refused.is_retryable();
    } catch (const transaction_rolled_back& rolled_back) {
        return is_retryable(rolled_back.cause());
    } catch (const pending_rollback& pending) {
        return is_retryable(pending.cause());
    } catch (...) {
        return false;
    }
}

std::string message_of(const std::exception_ptr& failed)
{
    try {
        std::rethrow_exception(failed);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

clock::duration random_up_to(clock::duration bound)
{
    thread_local std::minstd_rand random{std::random_device{}()};
    return clock::duration{std::uniform_int_distribution<clock::rep>{0, bound.count()}(random)};
}

[[noreturn]] void give_up(const char* why, std::size_t attempts, clock::duration took, std::exception_ptr failed)
{
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    throw retry_exhausted{fmt::format("{} after {} attempt{} in {} ms, the last of which failed with: {}", why,
                                      attempts, attempts == 1 ? "" : "s", milliseconds, message_of(failed)),
                          attempts, std::move(failed)};
}

} // namespace

retrying::retrying(const retry_options& options) : options_{options}, begun_{clock::now()}
{
    if (options_.attempts() == 0)
        throw usage_error{"retry needs at least one attempt"};
    if (options_.first_backoff() < clock::duration::zero() || options_.most_backoff() < options_.first_backoff())
        throw usage_error{"the waits of retry must not be negative, nor the highest below the first"};
}

clock::duration retrying::next_wait() const
{
    clock::duration bound = options_.first_backoff();
    for (std::size_t i = 1; i < made_ && bound < options_.most_backoff(); ++i)
        bound *= 2;
    return random_up_to(std::min(bound, options_.most_backoff()));
}

asio::awaitable<void> retrying::again(std::exception_ptr failed)
{
    if (!is_retryable(failed))
        std::rethrow_exception(failed);
    const clock::duration took = clock::now() - begun_;
    if (made_ == options_.attempts())
        give_up("gave up", made_, took, std::move(failed));
    const clock::duration wait = next_wait();
    if (options_.deadline() != clock::duration::zero() && took + wait >= options_.deadline())
        give_up("time ran out", made_, took, std::move(failed));
    ++made_;
    if (wait != clock::duration::zero()) {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer{executor, wait};
        co_await timer.async_wait(asio::use_awaitable);
    }
}

} // namespace tusk::detail
