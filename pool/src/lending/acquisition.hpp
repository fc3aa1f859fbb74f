#pragma once

#include "core/waiter.hpp"
#include "lending/place.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_type.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace tusk::detail {

class pool_state;

/// A caller in the pool's queue, as a part of its own coroutine's frame: it goes with the frame, and a connection that
/// is on its way to it then goes back.
class acquisition final : public pooling::waiter
{
public:
    explicit acquisition(std::shared_ptr<pool_state> pool) noexcept : pool_{std::move(pool)} {}
    acquisition(const acquisition&) = delete;
    acquisition& operator=(const acquisition&) = delete;
    ~acquisition();

    /// Keeps the caller's handler, and asks the pool.
    template <class Handler>
    void begin(Handler handler)
    {
        executor_ = asio::get_associated_executor(handler);
        slot_ = asio::get_associated_cancellation_slot(handler);
        handler_ = std::make_unique<kept<Handler>>(std::move(handler));
        if (slot_.is_connected())
            slot_.assign([this](asio::cancellation_type) { cancel(); });
        ask();
    }

    /// Resumes the caller, from its own executor. Called once, by whoever took it out of the queue.
    void complete();

    /// The execution context is going away: the caller's frame is destroyed, and with it this.
    void abandon();

    /// The connection that it was given. @throws What became of it otherwise.
    [[nodiscard]] pool_place& take();

private:
    struct kept_base {
        virtual ~kept_base() = default;
        virtual void call() = 0;
    };
    template <class Handler>
    struct kept final : kept_base {
        explicit kept(Handler given) : handler{std::move(given)} {}
        void call() override { std::move(handler)(); }
        Handler handler;
    };

    void ask();
    void cancel();

    std::shared_ptr<pool_state> pool_;
    asio::any_io_executor executor_;
    asio::cancellation_slot slot_;
    std::unique_ptr<kept_base> handler_;
};

} // namespace tusk::detail
