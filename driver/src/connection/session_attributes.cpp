#include "connection/session_attributes.hpp"

#include <string>

namespace tusk::detail {

namespace {

asio::awaitable<bool> ask(connection& of, std::string_view question, std::chrono::milliseconds limit)
{
    if (limit.count() == 0)
        return of.query_one<bool>(question);
    auto hurried = of.with_timeout(limit);
    return hurried.query_one<bool>(question);
}

asio::awaitable<bool> is_standby(connection& of, std::chrono::milliseconds limit)
{
    const std::string reported = of.parameter("in_hot_standby");
    if (!reported.empty())
        co_return reported == "on";
    co_return co_await ask(of, "SELECT pg_catalog.pg_is_in_recovery()", limit);
}

asio::awaitable<bool> is_read_only(connection& of, std::chrono::milliseconds limit)
{
    const std::string standby = of.parameter("in_hot_standby");
    const std::string read_only = of.parameter("default_transaction_read_only");
    if (!standby.empty() && !read_only.empty())
        co_return standby == "on" || read_only == "on";
    co_return co_await ask(of, "SELECT pg_catalog.current_setting('transaction_read_only') = 'on'", limit);
}

} // namespace

asio::awaitable<bool> has_attributes(connection& of, std::string_view wanted, std::chrono::milliseconds limit)
{
    if (wanted == "any")
        co_return true;
    if (wanted == "read-only")
        co_return co_await is_read_only(of, limit);
    if (wanted == "read-write") {
        const bool read_only = co_await is_read_only(of, limit);
        co_return !read_only;
    }
    const bool standby = co_await is_standby(of, limit);
    co_return standby == (wanted != "primary");
}

} // namespace tusk::detail
