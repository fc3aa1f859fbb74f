#pragma once

#include "protocol/message_trace.hpp"
#include "transport/stream.hpp"

#include <memory>
#include <string>
#include <utility>

namespace tusk::transport {

/// Any stream, with somebody who is told what goes over it.
class tracing_stream final : public stream
{
public:
    tracing_stream(std::unique_ptr<stream> lower, std::function<void(std::string_view)> tell)
        : lower_{std::move(lower)}, trace_{std::make_shared<protocol::message_trace>(std::move(tell))}
    {
    }

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) override;
    std::size_t read_some(std::span<std::byte> room, asio::error_code& error) override;
    void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink) override;
    void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink) override;
    void close() noexcept override { lower_->close(); }
    [[nodiscard]] bool is_private() const noexcept override { return lower_->is_private(); }
    [[nodiscard]] const std::string& peer() const noexcept override { return lower_->peer(); }

private:
    std::unique_ptr<stream> lower_;
    std::shared_ptr<protocol::message_trace> trace_; ///< I/O in progress may outlive the stream.
};

} // namespace tusk::transport
