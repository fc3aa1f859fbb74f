#include "transport/await.hpp"

#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace tusk::transport {

namespace {

/// Passes one completion on to a handler, whichever direction it comes from.
template <class Handler>
class one_completion final : public io_sink
{
public:
    explicit one_completion(Handler handler) : handler_{std::move(handler)} {}

    void on_read(const asio::error_code& error, std::size_t count) override { std::move(handler_)(error, count); }
    void on_written(const asio::error_code& error, std::size_t count) override { std::move(handler_)(error, count); }
    void on_discarded() noexcept override {}

private:
    Handler handler_;
};

using signature = void(asio::error_code, std::size_t);

template <class Handler>
std::shared_ptr<io_sink> sink_for(stream& of, Handler handler)
{
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto sink = std::make_shared<one_completion<Handler>>(std::move(handler));
    if (slot.is_connected())
        slot.assign([&of](asio::cancellation_type) { of.close(); });
    return sink;
}

} // namespace

asio::awaitable<std::size_t> read(stream& from, std::span<std::byte> room)
{
    return asio::async_initiate<const asio::use_awaitable_t<>, signature>(
        [](auto handler, stream* source, std::span<std::byte> place) {
            source->start_read(place, sink_for(*source, std::move(handler)));
        },
        asio::use_awaitable, &from, room);
}

asio::awaitable<void> write(stream& to, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const std::size_t count = co_await asio::async_initiate<const asio::use_awaitable_t<>, signature>(
            [](auto handler, stream* target, std::span<const std::byte> rest) {
                target->start_write(rest, sink_for(*target, std::move(handler)));
            },
            asio::use_awaitable, &to, bytes);
        bytes = bytes.subspan(count);
    }
}

} // namespace tusk::transport
