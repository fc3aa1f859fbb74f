#pragma once

#include "transport/stream.hpp"

#include <asio/basic_stream_socket.hpp>
#include <asio/buffer.hpp>

#include <string>
#include <utility>

namespace tusk::transport {

/// A TCP or Unix socket as it is, without encryption.
template <class Protocol>
class socket_stream final : public stream
{
public:
    using socket = asio::basic_stream_socket<Protocol>;

    /// @param connected  A connected socket.
    /// @param peer       Where it leads, for messages.
    /// @param is_local   It does not leave this machine.
    socket_stream(socket connected, std::string peer, bool is_local)
        : socket_{std::move(connected)}, peer_{std::move(peer)}, is_local_{is_local}
    {
        socket_.non_blocking(true);
    }

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) override
    {
        return socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    }

    std::size_t read_some(std::span<std::byte> room, asio::error_code& error) override
    {
        return socket_.read_some(asio::buffer(room.data(), room.size()), error);
    }

    void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink) override
    {
        socket_.async_read_some(asio::buffer(room.data(), room.size()), read_handler{std::move(sink)});
    }

    void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink) override
    {
        socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), write_handler{std::move(sink)});
    }

    void close() noexcept override
    {
        asio::error_code ignored;
        socket_.close(ignored);
    }

    [[nodiscard]] bool is_private() const noexcept override { return is_local_; }
    [[nodiscard]] const std::string& peer() const noexcept override { return peer_; }

private:
    socket socket_;
    std::string peer_;
    bool is_local_;
};

} // namespace tusk::transport
