#include "engine/pooled_engine.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/session/engine.hpp>

#include <utility>

namespace tusk {

engine::engine(const asio::any_io_executor& executor, std::string_view where, engine_options options)
    : engine{executor, connect_options{where}, std::move(options)}
{
}

engine::engine(const asio::any_io_executor& executor, connect_options where, engine_options options)
    : state_{std::make_shared<detail::pooled_engine>(executor, std::move(where), std::move(options))}
{
}

engine::engine(std::shared_ptr<detail::engine_state> state) noexcept : state_{std::move(state)} {}

engine::~engine() = default;

const std::shared_ptr<detail::engine_state>& engine::state() const
{
    if (!state_)
        throw usage_error{"this engine object was moved from"};
    return state_;
}

namespace {

// Each keeps the engine's state until it has run.

asio::awaitable<pooled_connection> connect_with(std::shared_ptr<detail::engine_state> to, std::source_location who)
{
    co_return co_await to->connect(who);
}

asio::awaitable<void> dispose_of(std::shared_ptr<detail::engine_state> what) { co_await what->dispose(); }

asio::awaitable<pool_disposal> dispose_within(std::shared_ptr<detail::engine_state> what,
                                              engine_options::duration grace)
{
    co_return co_await what->dispose(grace);
}

} // namespace

asio::awaitable<pooled_connection> engine::connect(std::source_location who) const
{
    return connect_with(state(), who);
}

asio::awaitable<void> engine::dispose() const { return dispose_of(state()); }

asio::awaitable<pool_disposal> engine::dispose(engine_options::duration grace) const
{
    return dispose_within(state(), grace);
}

pool_status engine::status() const { return state()->status(); }

pool_counters engine::counters() const { return state()->counters(); }

std::vector<lease_report> engine::leases() const { return state()->leases(); }

asio::any_io_executor engine::get_executor() const { return state()->executor(); }

} // namespace tusk
