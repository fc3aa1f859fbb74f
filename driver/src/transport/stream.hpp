#pragma once

#include <asio/error_code.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace tusk::transport {

/// Who is told when I/O has happened.
class io_sink
{
public:
    virtual ~io_sink() = default;
    virtual void on_read(const asio::error_code& error, std::size_t count) = 0;
    virtual void on_written(const asio::error_code& error, std::size_t count) = 0;

    /// The execution context is going away and will never call back. Nothing may be started any more.
    virtual void on_discarded() noexcept = 0;
};

/// A way to a server: bytes in both directions, nothing of the protocol.
///
/// Reading and writing go on at the same time, at most one of each. The `_some` calls never block; the `start_` calls
/// complete through the sink, never from inside the call.
class stream
{
public:
    virtual ~stream() = default;

    /// Writes what goes without waiting; `would_block` where nothing does.
    virtual std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) = 0;

    /// Reads what is there without waiting; `would_block` where nothing is. Not while a read is going on.
    virtual std::size_t read_some(std::span<std::byte> room, asio::error_code& error) = 0;

    /// @param room  Stays valid until the sink is told.
    virtual void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink) = 0;

    /// @param bytes  Stay valid until the sink is told.
    virtual void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink) = 0;

    /// Drops the connection; what was started completes with an error.
    virtual void close() noexcept = 0;

    /// Nobody on the way can read along: the stream is encrypted, or does not leave this machine.
    [[nodiscard]] virtual bool is_private() const noexcept = 0;

    /// Where it leads, for messages: "127.0.0.1:5432" or "/tmp/.s.PGSQL.5432".
    [[nodiscard]] virtual const std::string& peer() const noexcept = 0;
};

/// A completion handler that calls a sink, and notices when it is destroyed uncalled: that is how an execution
/// context says that it shuts down.
template <void (io_sink::*Member)(const asio::error_code&, std::size_t)>
class sink_handler
{
public:
    explicit sink_handler(std::shared_ptr<io_sink> sink) noexcept : sink_{std::move(sink)} {}
    sink_handler(sink_handler&&) noexcept = default;
    sink_handler& operator=(sink_handler&&) = delete;
    ~sink_handler()
    {
        if (sink_)
            sink_->on_discarded();
    }

    void operator()(const asio::error_code& error, std::size_t count)
    {
        const std::shared_ptr<io_sink> sink = std::move(sink_);
        ((*sink).*Member)(error, count);
    }

private:
    std::shared_ptr<io_sink> sink_;
};

using read_handler = sink_handler<&io_sink::on_read>;
using write_handler = sink_handler<&io_sink::on_written>;

} // namespace tusk::transport
