#pragma once

#include "support/server.hpp"

#include <tusk/driver.hpp>

// What the tests' own coroutines take of Asio, too.
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::test {

/// Longer than any test takes, under a sanitizer on a busy machine too: only what hangs comes here.
constexpr std::chrono::seconds hang_limit{60};

/// Runs one coroutine to its end, and after it whatever it left on the context: an idle connection leaves nothing.
///
/// @throws What the coroutine threw, and std::runtime_error where it hangs or something keeps the context busy.
void run(asio::io_context& io, asio::awaitable<void> what);

/// The same on a context of its own.
void run(const std::function<asio::awaitable<void>()>& body);

/// The same for `asio::awaitable<void> body(tusk::connection&)`, with a fresh connection to the test server.
template <class Body>
void run_connected(Body body, connect_options options = connect_options{server().url()})
{
    run([&]() -> asio::awaitable<void> {
        connection conn = co_await connect(options);
        co_await body(conn);
    });
}

asio::awaitable<void> pause(std::chrono::steady_clock::duration length);

/// What awaiting `call()` throws, which must be an `Expected`; the call itself may throw it too.
/// @throws std::logic_error  Nothing was thrown. Any other exception goes on.
template <class Expected, class Call>
asio::awaitable<Expected> thrown(Call call)
{
    std::optional<Expected> caught;
    try {
        static_cast<void>(co_await call());
    } catch (const Expected& expected) {
        caught.emplace(expected);
    }
    if (!caught)
        throw std::logic_error{"an exception was expected, and there was none"};
    co_return std::move(*caught);
}

/// Fails the test for every piece that the message does not hold.
template <class... Pieces>
void expect_mentions(const std::exception& said, const Pieces&... pieces)
{
    const std::string_view message{said.what()};
    for (const std::string_view piece : {std::string_view{pieces}...})
        EXPECT_NE(message.find(piece), std::string_view::npos) << "\"" << piece << "\" is not in: " << message;
}

/// Fails the test where the connection does not answer correctly any more.
template <class Connection>
asio::awaitable<void> expect_usable(Connection& conn)
{
    const auto answer = co_await conn.template query_one<int>("SELECT 6 * 7");
    EXPECT_EQ(answer, 42);
}

} // namespace tusk::test
