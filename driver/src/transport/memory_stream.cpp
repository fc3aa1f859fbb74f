#include "transport/memory_stream.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <utility>

namespace tusk::transport {

memory_stream::memory_stream(asio::any_io_executor executor, std::shared_ptr<peer_end> peer)
    : executor_{std::move(executor)}, peer_{std::move(peer)}
{
}

memory_stream::~memory_stream()
{
    if (open_)
        peer_->closed();
}

std::size_t memory_stream::write_some(std::span<const std::byte> bytes, asio::error_code& error)
{
    error = {};
    if (!open_) {
        error = asio::error::bad_descriptor;
        return 0;
    }
    const std::size_t taken = peer_->take(bytes, error);
    if (taken == 0 && !error)
        error = asio::error::would_block;
    poll_read();
    return taken;
}

std::size_t memory_stream::read_some(std::span<std::byte> room, asio::error_code& error)
{
    error = {};
    if (!open_) {
        error = asio::error::bad_descriptor;
        return 0;
    }
    const std::size_t given = peer_->give(room, error);
    if (given == 0 && !error)
        error = asio::error::would_block;
    return given;
}

void memory_stream::start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink)
{
    reading_into_ = room;
    reader_ = std::move(sink);
    poll_read();
}

void memory_stream::start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink)
{
    asio::error_code error;
    const std::size_t taken = open_ ? peer_->take(bytes, error) : 0;
    if (!open_)
        error = asio::error::operation_aborted;
    asio::post(executor_,
               [handler = write_handler{std::move(sink)}, error, taken]() mutable { handler(error, taken); });
    poll_read();
}

void memory_stream::close() noexcept
{
    if (!std::exchange(open_, false))
        return;
    peer_->closed();
    poll_read();
}

void memory_stream::poll_read()
{
    if (!reader_)
        return;
    asio::error_code error;
    std::size_t given = 0;
    if (open_)
        given = peer_->give(reading_into_, error);
    else
        error = asio::error::operation_aborted;
    if (given == 0 && !error)
        return;
    asio::post(executor_, [handler = read_handler{std::exchange(reader_, nullptr)}, error, given]() mutable {
        handler(error, given);
    });
}

} // namespace tusk::transport
