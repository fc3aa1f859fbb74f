#include "transport/tracing_stream.hpp"

namespace tusk::transport {

namespace {

/// Between the lower stream and whoever reads and writes.
class tracing_sink final : public io_sink
{
public:
    tracing_sink(std::shared_ptr<io_sink> to, std::shared_ptr<protocol::message_trace> trace,
                 std::span<const std::byte> bytes)
        : to_{std::move(to)}, trace_{std::move(trace)}, bytes_{bytes}
    {
    }

    void on_read(const asio::error_code& error, std::size_t count) override
    {
        trace_->received(bytes_.first(count));
        to_->on_read(error, count);
    }
    void on_written(const asio::error_code& error, std::size_t count) override
    {
        trace_->sent(bytes_.first(count));
        to_->on_written(error, count);
    }
    void on_discarded() noexcept override { to_->on_discarded(); }

private:
    std::shared_ptr<io_sink> to_;
    std::shared_ptr<protocol::message_trace> trace_;
    std::span<const std::byte> bytes_;
};

} // namespace

std::size_t tracing_stream::write_some(std::span<const std::byte> bytes, asio::error_code& error)
{
    const std::size_t count = lower_->write_some(bytes, error);
    trace_->sent(bytes.first(count));
    return count;
}

std::size_t tracing_stream::read_some(std::span<std::byte> room, asio::error_code& error)
{
    const std::size_t count = lower_->read_some(room, error);
    trace_->received(std::span<const std::byte>{room}.first(count));
    return count;
}

void tracing_stream::start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink)
{
    lower_->start_read(room, std::make_shared<tracing_sink>(std::move(sink), trace_, room));
}

void tracing_stream::start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink)
{
    lower_->start_write(bytes, std::make_shared<tracing_sink>(std::move(sink), trace_, bytes));
}

} // namespace tusk::transport
