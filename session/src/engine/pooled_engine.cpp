#include "engine/pooled_engine.hpp"

#include "engine/sqlcommenter.hpp"
#include "engine/statement_watch.hpp"
#include "session/session_state.hpp"

#include <tusk/driver/detail/transaction_access.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tusk::detail {

namespace {

pool_options pool_options_of(const engine_options& options)
{
    pool_options made = options.pool;
    made.size = options.pool_size;
    made.max_overflow = options.max_overflow;
    made.timeout = options.pool_timeout;
    made.recycle = options.pool_recycle;
    made.pre_ping = options.pool_pre_ping;
    return made;
}

std::string in_milliseconds(engine_options::duration length)
{
    const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
    return std::to_string(std::max<std::chrono::milliseconds::rep>(whole, 1)); // 0 would be "off"
}

std::vector<std::pair<std::string, std::string>> time_limits(const engine_options& options)
{
    std::vector<std::pair<std::string, std::string>> limits;
    const auto add = [&](const char* name, engine_options::duration limit) {
        if (limit != engine_options::duration::zero())
            limits.emplace_back(name, in_milliseconds(limit));
    };
    add("statement_timeout", options.statement_timeout);
    add("lock_timeout", options.lock_timeout);
    add("idle_in_transaction_session_timeout", options.idle_in_transaction_session_timeout);
    return limits;
}

} // namespace

pooled_engine::pooled_engine(const asio::any_io_executor& executor, connect_options where, engine_options options)
    : executor_{executor},
      where_{std::move(where)},
      pool_options_{pool_options_of(options)},
      isolation_{options.isolation},
      comment_{sql_comment(options.sqlcommenter)}
{
    setting_list limits = time_limits(options);
    if (where_.pooling_proxy == pooling_proxy::none)
        for (const auto& [name, value] : limits)
            where_.set_parameter(name, value);
    else
        settings_ = std::move(limits);
    if (options.echo || options.on_statement) {
        const bool echo = options.echo;
        auto watching = std::make_shared<statement_watch>(std::move(options), where_);
        watch_ = echo ? watching : nullptr;
        where_.observer = std::move(watching);
    }
    static_cast<void>(pool()); // it looks at the options
}

std::shared_ptr<const tusk::pool> pooled_engine::pool() const
{
    const std::lock_guard lock{mutex_};
    if (!pool_)
        pool_ = std::make_shared<const tusk::pool>(executor_, where_, pool_options_);
    return pool_;
}

std::shared_ptr<const tusk::pool> pooled_engine::take_pool()
{
    const std::lock_guard lock{mutex_};
    return std::exchange(pool_, nullptr);
}

asio::awaitable<void> pooled_engine::open(session_state& of, std::source_location who)
{
    pooled_connection lease = co_await pool()->acquire(who);
    const transaction_wishes& wishes = of.wishes();
    const transaction_options options{wishes.level == isolation::server_default ? isolation_ : wishes.level,
                                      wishes.mode, wishes.wait};
    request_ptr made = make_begin(target_of(lease), options, settings_statement(settings_, wishes.settings));
    transaction begun = co_await await_value<transaction, take_transaction>(std::move(made));
    if (watch_)
        watch_->transaction_begun(options.begin_statement());
    of.opened(std::move(lease), std::move(begun));
}

asio::awaitable<void> pooled_engine::commit(session_state& of) { return await_nothing(make_commit_of_all(of.whole())); }

asio::awaitable<pooled_connection> pooled_engine::connect(std::source_location who) { return pool()->acquire(who); }

asio::awaitable<void> pooled_engine::dispose()
{
    const auto gone = take_pool();
    if (gone)
        co_await gone->dispose();
}

asio::awaitable<pool_disposal> pooled_engine::dispose(engine_options::duration grace)
{
    const auto gone = take_pool();
    if (!gone)
        co_return pool_disposal{};
    co_return co_await gone->dispose(grace);
}

} // namespace tusk::detail
