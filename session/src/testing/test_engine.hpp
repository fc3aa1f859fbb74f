#pragma once

#include "engine/engine_state.hpp"

#include <tusk/driver/transaction.hpp>
#include <tusk/pool/pooled_connection.hpp>

#include <asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace tusk::detail {

/// An engine whose sessions share one connection and one transaction, one at a time.
class test_engine final : public engine_state, public std::enable_shared_from_this<test_engine>
{
public:
    test_engine(std::shared_ptr<engine_state> real, pooled_connection lease, transaction root)
        : real_{std::move(real)}, lease_{std::move(lease)}, root_{std::move(root)}
    {
    }

    asio::awaitable<void> open(session_state& of, std::source_location who) override;
    asio::awaitable<void> commit(session_state& of) override;
    [[nodiscard]] std::string_view comment() const noexcept override { return real_->comment(); }

    [[nodiscard]] asio::awaitable<pooled_connection> connect(std::source_location who) override;
    [[nodiscard]] asio::awaitable<void> dispose() override;
    [[nodiscard]] asio::awaitable<pool_disposal> dispose(engine_options::duration grace) override;
    [[nodiscard]] pool_status status() const override { return real_->status(); }
    [[nodiscard]] pool_counters counters() const override { return real_->counters(); }
    [[nodiscard]] std::vector<lease_report> leases() const override { return real_->leases(); }
    [[nodiscard]] asio::any_io_executor executor() const override { return real_->executor(); }

    /// Rolls everything back and waits for it.
    asio::awaitable<void> roll_back();
    /// The same without waiting.
    void drop() noexcept;

private:
    /// A session that waits for its turn.
    struct waiter {
        asio::steady_timer timer;
        bool has_turn = false;
    };

    asio::awaitable<void> take_turn();
    void pass_turn() noexcept;
    void require_open() const;

    std::shared_ptr<engine_state> real_;
    pooled_connection lease_;
    std::optional<transaction> root_;
    bool taken_ = false;
    std::deque<waiter*> waiting_;
};

} // namespace tusk::detail
