#pragma once

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/transaction_options.hpp>
#include <tusk/pool/pooled_connection.hpp>

#include <asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// SQL, and where in the program it was called.
struct called_sql {
    template <class Text>
        requires std::is_convertible_v<const Text&, std::string_view>
    called_sql(const Text& sql, std::source_location from = std::source_location::current()) : text{sql}, who{from}
    {
    }

    std::string_view text; ///< Not used after the call returned.
    std::source_location who;
};

asio::awaitable<pooled_connection> acquire_from(std::shared_ptr<pool_state> pool, std::source_location who);
/// Where the requests of a lease go.
target target_of(const pooled_connection& lease);

// The verbs of a pool: acquire, run, release. The request was made, and its arguments taken over, before the call
// returned; only where it goes is not known yet. Coroutines whose parameters are their own.

template <class T, class Take>
asio::awaitable<T> run_on(std::shared_ptr<pool_state> pool, request_ptr made, std::source_location who)
{
    const pooled_connection lease = co_await acquire_from(std::move(pool), who);
    made->to = target_of(lease);
    co_return co_await await_value<T, Take>(std::move(made));
}

template <class T, class Take>
asio::awaitable<outcome<T>> try_run_on(std::shared_ptr<pool_state> pool, request_ptr made, std::source_location who)
{
    pooled_connection lease;
    std::exception_ptr failed;
    try {
        lease = co_await acquire_from(std::move(pool), who);
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed)
        co_return outcome<T>{failure{failed}};
    made->to = target_of(lease);
    co_return co_await await_outcome<T, Take>(std::move(made));
}

template <class F, class R = typename std::invoke_result_t<F&, transaction&>::value_type>
asio::awaitable<R> run_block_on(std::shared_ptr<pool_state> pool, transaction_options options, F block,
                                std::source_location who)
{
    pooled_connection lease = co_await acquire_from(std::move(pool), who);
    co_return co_await lease->with_transaction(options, std::ref(block));
}

} // namespace tusk::detail
