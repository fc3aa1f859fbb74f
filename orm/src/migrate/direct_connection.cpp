#include "migrate/direct_connection.hpp"

#include <vector>

namespace tusk::migrate::detail {

asio::awaitable<void> require_direct_connection(connection& on, const settings& with)
{
    if (with.allow_proxy)
        co_return;
    // Not prepared: in the session that a proxy lends us, somebody else may have prepared a statement of that name.
    const std::vector<result> answers = co_await on.execute_script("SELECT pg_backend_pid()");
    for (auto [at_server] : answers.front().as<int>())
        if (at_server != on.backend_pid())
            throw usage_error{
                "This connection goes through a proxy (the server's process is not the one that greeted us), "
                "and a proxy may hand the session with its lock to somebody else. Name the server itself "
                "with --url, or, where the proxy keeps whole sessions, allow it with --allow-proxy"};
}

} // namespace tusk::migrate::detail
