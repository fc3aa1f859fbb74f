#pragma once

#include "transport/stream.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace tusk::transport {

/// A stream without a socket: what is written goes to a peer in the same program, and what the peer sends is read in
/// pieces of whatever size the peer chooses. Errors can be placed at any read or write. For tests, and for talking to
/// anything that is not a socket.
class memory_stream final : public stream
{
public:
    /// The other end. Called from inside `write_some` and `start_write`, so it must not call back into the driver.
    class peer_end
    {
    public:
        virtual ~peer_end() = default;

        /// Takes what the driver wrote; returns how much of it, 0 for "would block".
        virtual std::size_t take(std::span<const std::byte> bytes, asio::error_code& error) = 0;

        /// Gives what the driver reads next, at most `room.size()` bytes; 0 without error for "nothing yet".
        virtual std::size_t give(std::span<std::byte> room, asio::error_code& error) = 0;

        virtual void closed() noexcept = 0;
    };

    memory_stream(asio::any_io_executor executor, std::shared_ptr<peer_end> peer);
    memory_stream(const memory_stream&) = delete;
    memory_stream& operator=(const memory_stream&) = delete;
    ~memory_stream() override;

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) override;
    std::size_t read_some(std::span<std::byte> room, asio::error_code& error) override;
    void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink) override;
    void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink) override;
    void close() noexcept override;
    [[nodiscard]] bool is_private() const noexcept override { return true; }
    [[nodiscard]] const std::string& peer() const noexcept override { return name_; }

private:
    /// A read that found nothing waits until the peer has been written to, or the stream is closed.
    void poll_read();

    asio::any_io_executor executor_;
    std::shared_ptr<peer_end> peer_;
    std::string name_ = "memory";
    std::span<std::byte> reading_into_;
    std::shared_ptr<io_sink> reader_;
    bool open_ = true;
};

} // namespace tusk::transport
