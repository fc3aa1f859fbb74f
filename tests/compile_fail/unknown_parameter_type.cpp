// expect: this type cannot be a parameter
#include <tusk/driver.hpp>

class opaque
{
public:
    opaque() {}
};

asio::awaitable<void> wrong(tusk::connection& conn)
{
    opaque value;
    co_await conn.execute("SELECT $1", value);
}
