#pragma once

#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <string>

namespace tusk::test {

/// A fresh connection with an empty temporary table `t` of one column, `n int`.
inline asio::awaitable<connection> connect_with_table()
{
    connection conn = co_await connect(server().url());
    co_await conn.execute("CREATE TEMP TABLE t (n int NOT NULL)");
    co_return conn;
}

/// Everything in the table, as "1,2,3".
template <class Verbs>
asio::awaitable<std::string> contents(Verbs& of)
{
    return of.template query_one<std::string>("SELECT coalesce(string_agg(n::text, ',' ORDER BY n), '') FROM t");
}

} // namespace tusk::test
