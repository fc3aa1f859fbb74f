#include "transport/tls_stream.hpp"

#include "transport/tls_error.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <array>
#include <utility>
#include <vector>

namespace tusk::transport {

/// What the I/O in progress needs, so that it may outlive the stream.
class tls_stream::core final : public io_sink, public std::enable_shared_from_this<core>
{
public:
    core(asio::any_io_executor executor, std::unique_ptr<stream> lower, std::unique_ptr<tls_client> tls)
        : executor_{std::move(executor)}, lower_{std::move(lower)}, tls_{std::move(tls)}
    {
    }

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error)
    {
        error = broken_;
        if (error)
            return 0;
        if (flushing_) {
            error = asio::error::would_block;
            return 0;
        }
        const std::size_t taken = tls_->write(bytes, error);
        if (error)
            return taken;
        const bool any = push();
        // An error before the first encrypted byte has left is this call's own.
        if (broken_ && !any) {
            error = broken_;
            return 0;
        }
        return taken;
    }

    std::size_t read_some(std::span<std::byte> room, asio::error_code& error)
    {
        while (true) {
            const std::size_t count = tls_->read(room, error);
            if (count != 0 || error != asio::error::would_block)
                return count;
            const std::size_t got = lower_->read_some(encrypted_, error);
            if (error == asio::error::eof)
                error = make_error_code(tls_fault::truncated);
            if (error)
                return 0;
            tls_->receive(std::span{encrypted_}.first(got));
        }
    }

    void start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink)
    {
        room_ = room;
        asio::error_code error;
        const std::size_t count = tls_->read(room, error);
        if (count == 0 && error == asio::error::would_block) {
            reader_ = std::move(sink);
            receive();
            return;
        }
        asio::post(executor_,
                   [handler = read_handler{std::move(sink)}, error, count]() mutable { handler(error, count); });
    }

    void start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink)
    {
        if (broken_) {
            asio::post(executor_,
                       [handler = write_handler{std::move(sink)}, error = broken_]() mutable { handler(error, 0); });
            return;
        }
        writer_ = std::move(sink);
        waiting_ = bytes;
        if (!flushing_)
            encrypt_waiting();
    }

    void close() noexcept
    {
        if (std::exchange(closed_, true))
            return;
        if (!flushing_ && !broken_) {
            tls_->say_goodbye();
            write_goodbye();
        }
        lower_->close();
    }

    void drop() noexcept
    {
        closed_ = true;
        lower_->close();
    }

    void on_read(const asio::error_code& error, std::size_t count) override
    {
        const auto self = shared_from_this();
        asio::error_code outcome = error;
        std::size_t got = 0;
        if (!error) {
            tls_->receive(std::span{encrypted_}.first(count));
            got = tls_->read(room_, outcome);
            // Reading can have something to say too: an alert, a new key.
            if (!flushing_ && !broken_ && !closed_)
                push();
            if (got == 0 && outcome == asio::error::would_block) {
                receive();
                return;
            }
        } else if (error == asio::error::eof) {
            outcome = make_error_code(tls_fault::truncated);
        }
        const auto sink = std::exchange(reader_, nullptr);
        sink->on_read(outcome, got);
    }

    void on_written(const asio::error_code& error, std::size_t count) override
    {
        const auto self = shared_from_this();
        flushing_ = false;
        sent_ += count;
        if (error)
            broken_ = error;
        if (!broken_ && !closed_)
            push_or_wait();
        if (!writer_ || flushing_)
            return;
        if (!broken_ && !closed_ && encrypted_count_ == 0) {
            encrypt_waiting();
            return;
        }
        asio::error_code outcome = broken_;
        if (!outcome && closed_)
            outcome = asio::error::operation_aborted;
        const auto sink = std::exchange(writer_, nullptr);
        const std::size_t done = std::exchange(encrypted_count_, 0);
        sink->on_written(outcome, outcome ? 0 : done);
    }

    void on_discarded() noexcept override
    {
        closed_ = true;
        if (const auto reader = std::exchange(reader_, nullptr))
            reader->on_discarded();
        if (const auto writer = std::exchange(writer_, nullptr))
            writer->on_discarded();
    }

private:
    /// The alert goes where it goes at once; nobody waits for it.
    void write_goodbye() noexcept
    {
        try {
            tls_->take_output(sending_);
            asio::error_code ignored;
            lower_->write_some(std::span{sending_}.subspan(sent_), ignored);
        } catch (...) {
            broken_ = asio::error::no_memory; // the stream ends without a goodbye
        }
    }

    void receive() { lower_->start_read(encrypted_, shared_from_this()); }

    /// Collects what is to be sent. Only while nothing is being sent: the bytes must not move.
    bool has_output()
    {
        if (sent_ == sending_.size()) {
            sending_.clear();
            sent_ = 0;
        }
        tls_->take_output(sending_);
        return sent_ != sending_.size();
    }

    /// Sends what goes without waiting, and lets the rest follow. @return Whether a byte has left.
    bool push()
    {
        bool any = false;
        while (has_output()) {
            asio::error_code error;
            const std::size_t count = lower_->write_some(std::span{sending_}.subspan(sent_), error);
            sent_ += count;
            any = any || count != 0;
            if (error == asio::error::would_block || error == asio::error::try_again) {
                wait_to_send();
                return any;
            }
            if (error) {
                broken_ = error;
                return any;
            }
        }
        return any;
    }

    void push_or_wait()
    {
        if (has_output())
            wait_to_send();
    }

    void wait_to_send()
    {
        flushing_ = true;
        lower_->start_write(std::span{sending_}.subspan(sent_), shared_from_this());
    }

    /// Encrypts what a `start_write` waits with, and begins to send it: its end is told when that has been sent.
    void encrypt_waiting()
    {
        asio::error_code error;
        encrypted_count_ = tls_->write(waiting_, error);
        if (error)
            broken_ = error;
        else if (has_output())
            wait_to_send();
        if (!flushing_)
            asio::post(executor_,
                       [handler = write_handler{std::exchange(writer_, nullptr)}, failed = broken_,
                        done = std::exchange(encrypted_count_, 0)]() mutable { handler(failed, failed ? 0 : done); });
    }

    asio::any_io_executor executor_;
    std::unique_ptr<stream> lower_;
    std::unique_ptr<tls_client> tls_;

    std::array<std::byte, std::size_t{32} * 1024> encrypted_{}; ///< The lower stream reads into it.
    std::span<std::byte> room_;
    std::shared_ptr<io_sink> reader_;

    std::vector<std::byte> sending_; ///< Encrypted; stays where it is while `flushing_`.
    std::size_t sent_ = 0;
    std::span<const std::byte> waiting_;
    std::size_t encrypted_count_ = 0; ///< How much of `waiting_` is in `sending_`.
    std::shared_ptr<io_sink> writer_;

    asio::error_code broken_; ///< Nothing can be sent any more.
    bool flushing_ = false;   ///< The lower stream is writing from `sending_`.
    bool closed_ = false;
};

tls_stream::tls_stream(asio::any_io_executor executor, std::unique_ptr<stream> lower, std::unique_ptr<tls_client> tls,
                       bool is_private)
    : peer_{lower->peer()}, is_private_{is_private}
{
    core_ = std::make_shared<core>(std::move(executor), std::move(lower), std::move(tls));
}

tls_stream::~tls_stream() { core_->drop(); }

std::size_t tls_stream::write_some(std::span<const std::byte> bytes, asio::error_code& error)
{
    return core_->write_some(bytes, error);
}

std::size_t tls_stream::read_some(std::span<std::byte> room, asio::error_code& error)
{
    return core_->read_some(room, error);
}

void tls_stream::start_read(std::span<std::byte> room, std::shared_ptr<io_sink> sink)
{
    core_->start_read(room, std::move(sink));
}

void tls_stream::start_write(std::span<const std::byte> bytes, std::shared_ptr<io_sink> sink)
{
    core_->start_write(bytes, std::move(sink));
}

void tls_stream::close() noexcept { core_->close(); }

} // namespace tusk::transport
