// expect: a parameter holds a view
#include <tusk/driver.hpp>

#include <string_view>

struct note {
    int id;
    std::string_view text;
};

asio::awaitable<void> wrong(tusk::connection& conn, const note& value)
{
    co_await conn.execute("SELECT $1::note", value);
}
