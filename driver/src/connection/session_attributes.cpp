#include "connection/session_attributes.hpp"

#include <string>

namespace tusk::detail {

namespace {

asio::awaitable<bool> is_standby(connection& of)
{
    const std::string reported = of.parameter("in_hot_standby");
    if (!reported.empty())
        co_return reported == "on";
    co_return co_await of.query_one<bool>("SELECT pg_catalog.pg_is_in_recovery()");
}

asio::awaitable<bool> is_read_only(connection& of)
{
    const std::string standby = of.parameter("in_hot_standby");
    const std::string read_only = of.parameter("default_transaction_read_only");
    if (!standby.empty() && !read_only.empty())
        co_return standby == "on" || read_only == "on";
    co_return co_await of.query_one<bool>("SELECT pg_catalog.current_setting('transaction_read_only') = 'on'");
}

} // namespace

asio::awaitable<bool> has_attributes(connection& of, std::string_view wanted)
{
    if (wanted == "any")
        co_return true;
    if (wanted == "read-only")
        co_return co_await is_read_only(of);
    if (wanted == "read-write") {
        const bool read_only = co_await is_read_only(of);
        co_return !read_only;
    }
    const bool standby = co_await is_standby(of);
    co_return standby == (wanted != "primary");
}

} // namespace tusk::detail
