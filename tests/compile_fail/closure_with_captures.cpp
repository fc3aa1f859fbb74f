// expect: bind it to a name first
// compiler: g++-12
#include <tusk/driver.hpp>

asio::awaitable<void> wrong(tusk::connection& conn, std::string text)
{
    co_await conn.with_transaction(
        [text](tusk::transaction& tx) -> asio::awaitable<void> { co_await tx.execute("SELECT $1::text", text); });
}
