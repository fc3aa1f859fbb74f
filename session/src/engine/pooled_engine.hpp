#pragma once

#include "engine/engine_state.hpp"

#include <tusk/driver/connect_options.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

class statement_watch;

/// An engine with a pool, which is made when it is first needed and again after it was disposed of.
class pooled_engine final : public engine_state, public std::enable_shared_from_this<pooled_engine>
{
public:
    pooled_engine(const asio::any_io_executor& executor, connect_options where, engine_options options);

    asio::awaitable<void> open(session_state& of, std::source_location who) override;
    asio::awaitable<void> commit(session_state& of) override;
    [[nodiscard]] std::string_view comment() const noexcept override { return comment_; }

    [[nodiscard]] asio::awaitable<pooled_connection> connect(std::source_location who) override;
    [[nodiscard]] asio::awaitable<void> dispose() override;
    [[nodiscard]] asio::awaitable<pool_disposal> dispose(engine_options::duration grace) override;
    [[nodiscard]] pool_status status() const override { return pool()->status(); }
    [[nodiscard]] pool_counters counters() const override { return pool()->counters(); }
    [[nodiscard]] std::vector<lease_report> leases() const override { return pool()->leases(); }
    [[nodiscard]] asio::any_io_executor executor() const override { return executor_; }

private:
    /// Shared with whoever is using it while it is disposed of.
    [[nodiscard]] std::shared_ptr<const tusk::pool> pool() const;
    [[nodiscard]] std::shared_ptr<const tusk::pool> take_pool();

    asio::any_io_executor executor_;
    connect_options where_;
    pool_options pool_options_;
    isolation isolation_;
    std::string comment_;
    std::shared_ptr<statement_watch> watch_; ///< Null where nothing is shown.
    /// Of every transaction, where a proxy would not pass on what a session is started with.
    std::vector<std::pair<std::string, std::string>> settings_;

    mutable std::mutex mutex_;
    mutable std::shared_ptr<const tusk::pool> pool_;
};

} // namespace tusk::detail
