#include "support/run.hpp"

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

namespace tusk::test {

void run(asio::io_context& io, asio::awaitable<void> what)
{
    struct ending {
        bool reached = false;
        std::exception_ptr thrown;
    };
    const auto end = std::make_shared<ending>();
    asio::co_spawn(io, std::move(what), [end](std::exception_ptr thrown) {
        end->reached = true;
        end->thrown = std::move(thrown);
    });
    io.restart();
    io.run_for(hang_limit);
    if (!end->reached)
        throw std::runtime_error{"the coroutine hangs"};
    if (end->thrown)
        std::rethrow_exception(end->thrown);
    if (!io.stopped())
        throw std::runtime_error{"the coroutine has ended, but something keeps its execution context busy"};
}

void run(const std::function<asio::awaitable<void>()>& body)
{
    asio::io_context io;
    run(io, body());
}

asio::awaitable<void> pause(std::chrono::steady_clock::duration length)
{
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace tusk::test
