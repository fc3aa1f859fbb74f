#pragma once

#include "transport/stream.hpp"
#include "transport/tls_client.hpp"

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace tusk::transport {

/// An encrypted stream over any other one.
///
/// A byte counts as written when it is encrypted; the rest of its way is the stream's business, and an error there is
/// the error of the next call.
class tls_stream final : public stream
{
public:
    /// @param tls         With its handshake complete.
    /// @param is_private  The server is who it has to be, or the program said that any will do.
    tls_stream(asio::any_io_executor executor, std::unique_ptr<stream> lower, std::unique_ptr<tls_client> tls,
               bool is_private);
    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;
    ~tls_stream() override;

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) override;
    std::size_t read_some(std::span<std::byte> room, asio::error_code& error) override;
    void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink) override;
    void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink) override;
    void close() noexcept override;
    [[nodiscard]] bool is_private() const noexcept override { return is_private_; }
    [[nodiscard]] const std::string& peer() const noexcept override { return peer_; }

private:
    class core;

    std::shared_ptr<core> core_;
    std::string peer_;
    bool is_private_;
};

} // namespace tusk::transport
