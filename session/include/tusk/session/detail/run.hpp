#pragma once

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/outcome.hpp>
#include <tusk/session/detail/use.hpp>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// A caller's completion handler together with its use of the session, which ends when the caller is answered.
template <class Handler>
class using_handler
{
public:
    using executor_type = asio::associated_executor_t<Handler>;
    using cancellation_slot_type = asio::associated_cancellation_slot_t<Handler>;

    using_handler(Handler handler, session_use use) : handler_{std::move(handler)}, use_{std::move(use)} {}

    [[nodiscard]] executor_type get_executor() const noexcept { return asio::get_associated_executor(handler_); }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return asio::get_associated_cancellation_slot(handler_);
    }

    /// Of a verb that throws.
    template <class... T>
    void operator()(std::exception_ptr failed, T&&... value)
    {
        if (failed)
            use_.note(failed);
        use_.end();
        std::move(handler_)(std::move(failed), std::forward<T>(value)...);
    }

    /// Of its twin.
    template <class T>
    void operator()(outcome<T>&& came)
    {
        if (came.failed())
            use_.note(came.error());
        use_.end();
        std::move(handler_)(std::move(came));
    }

    [[nodiscard]] const session_use& use() const noexcept { return use_; }

private:
    Handler handler_;
    session_use use_;
};

/// Answers a request that was never handed in.
template <class Handler>
void refuse(using_handler<Handler> caller, const request_ptr& made, void (*deliver)(request_ptr),
            std::exception_ptr why)
{
    const auto executor = caller.get_executor();
    made->why = failure{std::move(why)};
    made->keep_handler(std::move(caller), deliver);
    asio::post(executor, [made, deliver] {
        if (made->has_handler())
            deliver(made);
    });
}

/// Hands a request in where the session's transaction is now.
template <class Handler>
void launch_in(using_handler<Handler> caller, request_ptr made, void (*deliver)(request_ptr))
{
    std::exception_ptr refused;
    try {
        made->to = caller.use().where();
    } catch (...) {
        refused = std::current_exception();
    }
    if (refused)
        refuse(std::move(caller), made, deliver, std::move(refused));
    else
        launch(std::move(caller), std::move(made), deliver);
}

/// The transaction that was open when the verb was called has ended before it was awaited: another one begins.
template <class Handler>
void open_and_launch(using_handler<Handler> caller, request_ptr made, void (*deliver)(request_ptr),
                     std::source_location who)
{
    const auto executor = caller.get_executor();
    const auto slot = caller.get_cancellation_slot();
    asio::awaitable<void> opening = caller.use().open(who);
    asio::co_spawn(executor, std::move(opening),
                   asio::bind_cancellation_slot(slot, [kept = std::move(caller), made = std::move(made),
                                                       deliver](std::exception_ptr failed) mutable {
                       if (failed)
                           refuse(std::move(kept), made, deliver, std::move(failed));
                       else
                           launch_in(std::move(kept), std::move(made), deliver);
                   }));
}

template <class Handler>
void start(Handler handler, std::shared_ptr<session_state> on, request_ptr made, void (*deliver)(request_ptr),
           std::source_location who)
{
    session_use use;
    std::exception_ptr refused;
    try {
        use = session_use{std::move(on)};
    } catch (...) {
        refused = std::current_exception();
    }
    const bool is_open = !refused && use.is_open();
    using_handler<Handler> caller{std::move(handler), std::move(use)};
    if (refused)
        refuse(std::move(caller), made, deliver, std::move(refused));
    else if (is_open)
        launch_in(std::move(caller), std::move(made), deliver);
    else
        open_and_launch(std::move(caller), std::move(made), deliver, who);
}

// The verbs of a session. The request was made, and its arguments taken over, before the call returned; where it goes
// is found out when it is awaited. In a transaction that is open there is one coroutine frame between the caller and
// the engine, as for a connection; the statement that opens one has a frame more.

template <class T, class Take>
asio::awaitable<T> open_and_run(std::shared_ptr<session_state> on, request_ptr made, std::source_location who)
{
    const session_use use{std::move(on)};
    co_await use.open(who);
    made->to = use.where();
    try {
        co_return co_await await_value<T, Take>(std::move(made));
    } catch (...) {
        use.note(std::current_exception());
        throw;
    }
}

template <class T, class Take>
asio::awaitable<T> run_on(std::shared_ptr<session_state> on, request_ptr made, std::source_location who)
{
    if (!is_open(*on))
        return open_and_run<T, Take>(std::move(on), std::move(made), who);
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, T)>(
        [](auto handler, std::shared_ptr<session_state> session, request_ptr given, std::source_location from) {
            start(std::move(handler), std::move(session), std::move(given),
                  &deliver_value<T, Take, using_handler<decltype(handler)>>, from);
        },
        asio::use_awaitable, std::move(on), std::move(made), who);
}

template <class T, class Take>
asio::awaitable<outcome<T>> try_open_and_run(std::shared_ptr<session_state> on, request_ptr made,
                                             std::source_location who)
{
    session_use use;
    std::exception_ptr failed;
    try {
        use = session_use{std::move(on)};
        co_await use.open(who);
        made->to = use.where();
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed)
        co_return outcome<T>{failure{failed}};
    outcome<T> came = co_await await_outcome<T, Take>(std::move(made));
    if (came.failed())
        use.note(came.error());
    co_return came;
}

template <class T, class Take>
asio::awaitable<outcome<T>> try_run_on(std::shared_ptr<session_state> on, request_ptr made, std::source_location who)
{
    if (!is_open(*on))
        return try_open_and_run<T, Take>(std::move(on), std::move(made), who);
    return asio::async_initiate<const asio::use_awaitable_t<>, void(outcome<T>)>(
        [](auto handler, std::shared_ptr<session_state> session, request_ptr given, std::source_location from) {
            start(std::move(handler), std::move(session), std::move(given),
                  &deliver_outcome<T, Take, using_handler<decltype(handler)>>, from);
        },
        asio::use_awaitable, std::move(on), std::move(made), who);
}

/// Part of what a longer use does.
template <class T, class Take>
asio::awaitable<T> run_within(const session_use& use, request_ptr made,
                              std::source_location who = std::source_location::current())
{
    if (!use.is_open())
        co_await use.open(who);
    made->to = use.where();
    try {
        co_return co_await await_value<T, Take>(std::move(made));
    } catch (...) {
        use.note(std::current_exception());
        throw;
    }
}

} // namespace tusk::detail
