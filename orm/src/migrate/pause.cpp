#include "migrate/pause.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace tusk::migrate::detail {

asio::awaitable<void> pause(std::chrono::milliseconds length)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace tusk::migrate::detail
