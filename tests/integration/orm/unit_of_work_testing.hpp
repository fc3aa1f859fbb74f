#pragma once

#include "support/run.hpp"
#include "support/server.hpp"

#include "../../../orm/examples/blog_models.hpp"

#include <tusk/orm.hpp>
#include <tusk/orm/session_factory.hpp>
#include <tusk/session.hpp>

#include <asio/awaitable.hpp>
#include <asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests of the unit of work have in common: models in the database, and what was sent to the server.
namespace tusk::test {

namespace orm = tusk::orm;

/// What a session sends: an entry for each request, that of a flush holding the texts of its statements.
class sent_requests : public connection_observer
{
public:
    void query_started(std::string_view sql) noexcept override
    {
        if (sql != "reset")
            all_.emplace_back(sql);
    }

    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return all_; }
    void clear() noexcept { all_.clear(); }
    /// Takes them out.
    [[nodiscard]] std::vector<std::string> take() { return std::exchange(all_, {}); }

private:
    std::vector<std::string> all_;
};

using texts = std::vector<std::string>;

/// Runs `body(engine, sent)` beside fresh tables of those models.
template <class Body>
void run_with_models(const orm::metadata& models, Body body)
{
    run([&]() -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await orm::drop_all(conn, models);
            co_await orm::create_all(conn, models);
        }
        const auto executor = co_await asio::this_coro::executor;
        const auto sent = std::make_shared<sent_requests>();
        connect_options where{server().url()};
        where.observer = sent;
        const engine made{executor, where};
        co_await body(made, *sent);
    });
}

/// The only value of a statement, asked on a connection of its own: what is committed.
template <class T>
asio::awaitable<T> committed(std::string sql)
{
    connection conn = co_await connect(server().url());
    co_return co_await conn.query_one<T>(sql);
}

/// How many sessions of the server are inside a transaction, besides the one that asks.
inline std::string open_transactions_of_others()
{
    std::string said = server().run_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                                        "AND (state LIKE 'idle in transaction%' OR (state = 'active' AND xact_start < "
                                        "now() AND pid <> pg_backend_pid()))");
    while (said.ends_with('\n'))
        said.pop_back();
    return said;
}

} // namespace tusk::test
