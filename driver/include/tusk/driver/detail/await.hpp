#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/outcome.hpp>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// Room for a value that may not come to be: a completion handler wants a `T&&` even where it is told to throw.
template <class T>
union maybe {
    maybe() noexcept {}
    /// A plain value is there from the start: g++ 12 does not see that it is never read before it is written.
    maybe() noexcept
        requires(std::is_nothrow_default_constructible_v<T> && std::is_trivially_destructible_v<T>)
        : value{}
    {
    }
    maybe(const maybe&) = delete;
    maybe& operator=(const maybe&) = delete;
    ~maybe() {}
    T value;
};

/// Completes a request with `T`, made by `Take::from(request)`, or with an exception.
template <class T, class Take, class Handler>
void deliver_value(request_ptr done)
{
    Handler handler = done->take_handler<Handler>();
    std::exception_ptr failed;
    maybe<T> taken;
    try {
        if (done->why)
            failed = done->why.exception();
        else
            ::new (static_cast<void*>(&taken.value)) T(Take::from(*done));
    } catch (...) {
        failed = std::current_exception();
    }
    done.reset(); // the next request of this coroutine may take its memory
    struct destroy_value {
        maybe<T>& of;
        bool there;
        ~destroy_value()
        {
            if (there)
                of.value.~T();
        }
    } const guard{taken, failed == nullptr};
    std::move(handler)(std::move(failed), std::move(taken.value));
}

template <class Handler>
void deliver_nothing(request_ptr done)
{
    Handler handler = done->take_handler<Handler>();
    std::exception_ptr failed = done->why ? done->why.exception() : nullptr;
    done.reset();
    std::move(handler)(std::move(failed));
}

/// Completes a request with an `outcome<T>`, without building an exception for a refusal of the server.
template <class T, class Take, class Handler>
void deliver_outcome(request_ptr done)
{
    Handler handler = done->take_handler<Handler>();
    outcome<T> came = [&]() -> outcome<T> {
        if (done->why)
            return done->why; // copied: of an abandoned request the engine still looks at it
        try {
            return Take::from(*done);
        } catch (...) {
            return failure{std::current_exception()};
        }
    }();
    done.reset();
    std::move(handler)(std::move(came));
}

/// Keeps the handler, hooks up cancellation, and hands the request to its engine.
template <class Handler>
void launch(Handler handler, request_ptr made, void (*deliver)(request_ptr))
{
    auto slot = asio::get_associated_cancellation_slot(handler);
    const asio::any_io_executor executor = asio::get_associated_executor(handler);
    made->keep_handler(std::move(handler), deliver);
    if (slot.is_connected())
        slot.assign([made](asio::cancellation_type) { cancel(made); });
    submit(std::move(made), executor);
}

// The three forms in which a verb is awaited. Plain functions: the only coroutine frame between the caller's
// `co_await` and the engine is the one that `use_awaitable` makes.

template <class T, class Take>
asio::awaitable<T> await_value(request_ptr made)
{
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, T)>(
        [](auto handler, request_ptr given) {
            launch(std::move(handler), std::move(given), &deliver_value<T, Take, decltype(handler)>);
        },
        asio::use_awaitable, std::move(made));
}

inline asio::awaitable<void> await_nothing(request_ptr made)
{
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        [](auto handler, request_ptr given) {
            launch(std::move(handler), std::move(given), &deliver_nothing<decltype(handler)>);
        },
        asio::use_awaitable, std::move(made));
}

template <class T, class Take>
asio::awaitable<outcome<T>> await_outcome(request_ptr made)
{
    return asio::async_initiate<const asio::use_awaitable_t<>, void(outcome<T>)>(
        [](auto handler, request_ptr given) {
            launch(std::move(handler), std::move(given), &deliver_outcome<T, Take, decltype(handler)>);
        },
        asio::use_awaitable, std::move(made));
}

} // namespace tusk::detail
