#include "lending/pool_state.hpp"

#include <tusk/pool/pool.hpp>

#include <utility>

namespace tusk {

namespace {

std::shared_ptr<detail::pool_state> make_state(const asio::any_io_executor& executor, connect_options where,
                                               pool_options options)
{
    auto made = std::make_shared<detail::pool_state>(executor, std::move(where), std::move(options));
    made->start();
    return made;
}

asio::awaitable<void> dispose_of(std::shared_ptr<detail::pool_state> state)
{
    state->dispose();
    co_return;
}

} // namespace

pool::pool(const asio::any_io_executor& executor, std::string_view where, pool_options options)
    : pool{executor, connect_options{where}, std::move(options)}
{
}

pool::pool(const asio::any_io_executor& executor, connect_options where, pool_options options)
    : state_{make_state(executor, std::move(where), std::move(options))}
{
}

pool& pool::operator=(pool&& other) noexcept
{
    if (this != &other) {
        const pool gone{std::move(*this)};
        state_ = std::move(other.state_);
    }
    return *this;
}

pool::~pool()
{
    if (state_)
        state_->destroy();
}

asio::awaitable<pooled_connection> pool::acquire(std::source_location who) const
{
    return detail::pool_state::acquire(state_, state_->options().timeout, who);
}

asio::awaitable<pooled_connection> pool::acquire(pool_options::duration timeout, std::source_location who) const
{
    return detail::pool_state::acquire(state_, timeout, who);
}

std::optional<pooled_connection> pool::try_acquire(std::source_location who) const { return state_->try_acquire(who); }

asio::awaitable<std::vector<result>> pool::execute_script(detail::called_sql sql) const
{
    return detail::run_on<std::vector<result>, detail::take_results>(
        state_, detail::make_script(detail::target{}, sql.text), sql.who);
}

asio::awaitable<outcome<std::vector<result>>> pool::try_execute_script(detail::called_sql sql) const
{
    return detail::try_run_on<std::vector<result>, detail::take_results>(
        state_, detail::make_script(detail::target{}, sql.text), sql.who);
}

asio::awaitable<void> pool::dispose() const { return dispose_of(state_); }

asio::awaitable<pool_disposal> pool::dispose(pool_options::duration grace) const
{
    return detail::pool_state::dispose(state_, grace);
}

void pool::resize(std::size_t size, int max_overflow) const { state_->resize(size, max_overflow); }

void pool::invalidate() const { state_->invalidate(); }

pool_status pool::status() const { return state_->status(); }

pool_counters pool::counters() const { return state_->counters(); }

std::vector<lease_report> pool::leases() const { return state_->leases(); }

asio::any_io_executor pool::get_executor() const { return state_->executor(); }

// ---- pooled_connection

pooled_connection::pooled_connection(pooled_connection&& other) noexcept
    : pool_{std::move(other.pool_)}, place_{std::exchange(other.place_, nullptr)}, handle_{std::move(other.handle_)}
{
    other.handle_.reset();
}

pooled_connection& pooled_connection::operator=(pooled_connection&& other) noexcept
{
    if (this != &other) {
        release();
        pool_ = std::move(other.pool_);
        place_ = std::exchange(other.place_, nullptr);
        handle_ = std::move(other.handle_);
        other.handle_.reset();
    }
    return *this;
}

pooled_connection::~pooled_connection() { release(); }

void pooled_connection::release() noexcept
{
    handle_.reset();
    if (detail::pool_place* back = std::exchange(place_, nullptr))
        std::exchange(pool_, nullptr)->give_back(*back, false);
}

void pooled_connection::discard() noexcept
{
    handle_.reset();
    if (detail::pool_place* back = std::exchange(place_, nullptr))
        std::exchange(pool_, nullptr)->give_back(*back, true);
}

} // namespace tusk
