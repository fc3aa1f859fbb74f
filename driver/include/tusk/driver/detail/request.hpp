#pragma once

#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/driver/result.hpp>

#include <asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace tusk::detail {

class engine;
class request_ptr;
struct transaction_level;

/// Where a verb sends its request: a connection's engine, and the transaction that it runs in (null for none).
struct target {
    std::shared_ptr<engine> connection;
    std::shared_ptr<transaction_level> level;
    /// Which lease of a pool it belongs to; 0 for a connection that is nobody else's. A stale one is refused.
    unsigned lease = 0;
    /// How long its caller waits at most; 0 for as long as it takes.
    std::chrono::steady_clock::duration timeout{};
};

/// The caller's side of a request: who waits for it, and what it will be given.
///
/// The engine's side derives from it (src/connection/operation.hpp). One allocation holds both, the SQL text and the
/// arguments. Counted, because the queue, the caller and a cancellation slot can each be the last to let go.
class request
{
public:
    request(const request&) = delete;
    request& operator=(const request&) = delete;
    virtual ~request();

    /// Keeps the completion handler, whose type only the caller knows.
    template <class Handler>
    void keep_handler(Handler&& handler, void (*deliver)(request_ptr))
    {
        using stored = std::decay_t<Handler>;
        static_assert(sizeof(stored) <= sizeof handler_ && alignof(stored) <= alignof(std::max_align_t));
        ::new (static_cast<void*>(handler_)) stored(std::forward<Handler>(handler));
        destroy_handler_ = [](void* place) { std::launder(static_cast<stored*>(place))->~stored(); };
        deliver_ = deliver;
    }

    /// Takes the completion handler out, to be called once.
    template <class Handler>
    Handler take_handler()
    {
        auto* kept = std::launder(reinterpret_cast<Handler*>(handler_));
        Handler handler = std::move(*kept);
        drop_handler();
        return handler;
    }

    /// Destroys the handler uncalled: its execution context is going away.
    void drop_handler() noexcept
    {
        if (auto* destroy = std::exchange(destroy_handler_, nullptr))
            destroy(handler_);
    }

    [[nodiscard]] bool has_handler() const noexcept { return destroy_handler_ != nullptr; }

    /// Where the request goes.
    target to;
    /// The handler's executor, where it is not the engine's.
    asio::any_io_executor executor;
    /// The handler's executor is the engine's: it can be called from the engine's own I/O handlers.
    bool at_home = false;

    /// What came of it.
    failure why;
    std::unique_ptr<result_data> data;
    std::vector<result> results;

protected:
    explicit request(target where) noexcept : to{std::move(where)} {}

private:
    friend class request_ptr;
    friend class engine;

    std::atomic<unsigned> references_{0};
    void (*deliver_)(request_ptr) = nullptr;
    void (*destroy_handler_)(void*) = nullptr;
    alignas(std::max_align_t) std::byte handler_[48];
};

/// Shared ownership of a request.
class request_ptr
{
public:
    request_ptr() = default;
    explicit request_ptr(request* of) noexcept : request_{of} { retain(); }
    request_ptr(const request_ptr& other) noexcept : request_{other.request_} { retain(); }
    request_ptr(request_ptr&& other) noexcept : request_{std::exchange(other.request_, nullptr)} {}
    request_ptr& operator=(request_ptr other) noexcept
    {
        std::swap(request_, other.request_);
        return *this;
    }
    ~request_ptr() { reset(); }

    void reset() noexcept
    {
        request* gone = std::exchange(request_, nullptr);
        if (gone != nullptr && gone->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete gone;
    }

    /// Gives the share up without dropping it; `adopt` takes it back. For queues that thread through requests.
    [[nodiscard]] request* release() noexcept { return std::exchange(request_, nullptr); }
    static request_ptr adopt(request* of) noexcept
    {
        request_ptr owner;
        owner.request_ = of;
        return owner;
    }

    [[nodiscard]] request* get() const noexcept { return request_; }
    request* operator->() const noexcept { return request_; }
    request& operator*() const noexcept { return *request_; }
    explicit operator bool() const noexcept { return request_ != nullptr; }

private:
    void retain() const noexcept
    {
        if (request_ != nullptr)
            request_->references_.fetch_add(1, std::memory_order_relaxed);
    }

    request* request_ = nullptr;
};

/// Hands a request to its engine. Its handler is kept; it completes through the handler, on its executor.
void submit(request_ptr what, const asio::any_io_executor& executor);

/// Releases the caller of a request that has not completed, with `operation_aborted`. The connection stays usable.
void cancel(const request_ptr& what);

} // namespace tusk::detail
