#pragma once

#include <tusk/pool/pool.hpp>
#include <tusk/session/engine_options.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

class session_state;

/// What is behind an engine: where its sessions' transactions come from and go to.
class engine_state
{
public:
    engine_state() = default;
    engine_state(const engine_state&) = delete;
    engine_state& operator=(const engine_state&) = delete;
    virtual ~engine_state() = default;

    // ---- For sessions.

    /// Begins a transaction as `of` wants it, and gives it to `of`.
    virtual asio::awaitable<void> open(session_state& of, std::source_location who) = 0;
    /// Commits it, with all that is open inside.
    virtual asio::awaitable<void> commit(session_state& of) = 0;
    /// What is appended to every statement; empty for nothing.
    [[nodiscard]] virtual std::string_view comment() const noexcept = 0;

    // ---- For the engine's user.

    [[nodiscard]] virtual asio::awaitable<pooled_connection> connect(std::source_location who) = 0;
    [[nodiscard]] virtual asio::awaitable<void> dispose() = 0;
    [[nodiscard]] virtual asio::awaitable<pool_disposal> dispose(engine_options::duration grace) = 0;
    [[nodiscard]] virtual pool_status status() const = 0;
    [[nodiscard]] virtual pool_counters counters() const = 0;
    [[nodiscard]] virtual std::vector<lease_report> leases() const = 0;
    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
};

} // namespace tusk::detail
