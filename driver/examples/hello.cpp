#include <tusk/driver.hpp>

#include <asio.hpp>
#include <fmt/format.h>

asio::awaitable<void> hello(std::string url)
{
    tusk::connection conn = co_await tusk::connect(url);
    co_await conn.execute("CREATE TEMP TABLE city (name text UNIQUE, population bigint)");
    co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
        co_await tx.execute("INSERT INTO city VALUES ($1, $2)", "Tokyo", 37'400'068);
        co_await tx.execute("INSERT INTO city VALUES ($1, $2)", "Atlantis", std::nullopt);
    });
    tusk::result rows = co_await conn.query("SELECT name, population FROM city WHERE population > $1", 1'000'000);
    for (auto [name, population] : rows.as<std::string_view, std::int64_t>())
        fmt::print("{} {}\n", name, population);
}

int main(int, char** argv)
{
    asio::io_context io;
    asio::co_spawn(io, hello(argv[1]), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
}
