#include "connection/cancel_request.hpp"

#include "transport/await.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/deadline.hpp>

#include <asio/this_coro.hpp>

#include <array>
#include <exception>
#include <memory>
#include <utility>

namespace tusk::detail {

std::vector<std::byte> cancel_request(std::int32_t backend_pid, std::span<const std::byte> key)
{
    constexpr std::int32_t code = (1234 << 16) | 5678;
    byte_writer out;
    out.put(static_cast<std::int32_t>(3 * sizeof(std::int32_t) + key.size()));
    out.put(code);
    out.put(backend_pid);
    out.put_bytes(key);
    return {out.bytes().begin(), out.bytes().end()};
}

asio::awaitable<void> deliver_cancel_request(transport::reopen open, std::vector<std::byte> message,
                                             std::chrono::milliseconds limit)
{
    auto executor = co_await asio::this_coro::executor;
    const auto begun = std::chrono::steady_clock::now();
    try {
        std::unique_ptr<transport::stream> stream = co_await open(limit);
        transport::stream& watched = *stream;
        const auto left = limit - (std::chrono::steady_clock::now() - begun);
        if (left <= std::chrono::steady_clock::duration::zero())
            co_return;
        const deadline bound{executor, left, [&] { watched.close(); }};
        co_await transport::write(*stream, message);
        std::array<std::byte, 64> ignored;
        while (co_await transport::read(*stream, ignored) != 0) {}
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
        // The end of the stream arrives here, and so does every failure on the way.
    }
}

} // namespace tusk::detail
