// expect: a view would dangle
#include <tusk/driver.hpp>

#include <string_view>

asio::awaitable<void> wrong(tusk::connection& conn)
{
    auto text = co_await conn.query_one<std::string_view>("SELECT 'x'");
}
