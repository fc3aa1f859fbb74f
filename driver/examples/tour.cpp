// One connection, from connecting to closing: queries, typed rows, errors, transactions.
#include <tusk/driver.hpp>

#include <asio.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

// An aggregate decodes by position; the number and types of its members are checked once per statement.
struct city {
    std::int32_t id{};
    std::string name;
    std::optional<std::int64_t> population;
};

asio::awaitable<void> tour(std::string url)
{
    // A URL, a keyword/value string, or tusk::connect_options; environment variables fill the gaps as in libpq.
    tusk::connection conn = co_await tusk::connect(url);

    // Several statements, no parameters: the simple protocol.
    co_await conn.execute_script("CREATE TEMP TABLE city (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,"
                                 "                        name text NOT NULL UNIQUE, population bigint);"
                                 "CREATE INDEX ON city (population);");

    co_await conn.execute("INSERT INTO city (name, population) VALUES ($1, $2), ($3, $4), ($5, $6)", "Tokyo",
                          37'400'068, "Delhi", 28'514'000, "Atlantis", std::nullopt);

    // Rows are views into the result; structured bindings read them.
    tusk::result rows = co_await conn.query("SELECT id, name FROM city WHERE population > $1 ORDER BY id", 1'000'000);
    for (auto [id, name] : rows.as<std::int32_t, std::string_view>())
        fmt::print("{:>3} {}\n", id, name);
    for (tusk::row_view row : rows)
        fmt::print("{} {}\n", row["id"].as<std::int64_t>(), row[1].as<std::string_view>());

    // Exactly one, at most one; a single value, a tuple or an aggregate.
    city tokyo = co_await conn.query_one<city>("SELECT id, name, population FROM city WHERE name = $1", "Tokyo");
    std::optional<city> none =
        co_await conn.query_optional<city>("SELECT id, name, population FROM city WHERE id = $1", -1);
    auto count = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM city");
    fmt::print("{} of {}, {}\n", tokyo.name, count, none.has_value());

    tusk::command_tag tag = co_await conn.execute("UPDATE city SET population = 0 WHERE population IS NULL");
    fmt::print("{} changed {} row(s)\n", tag.command(), tag.rows_affected());

    // Errors are typed, and the connection stays usable.
    try {
        co_await conn.execute("INSERT INTO city (name) VALUES ($1)", "Tokyo");
    } catch (const tusk::unique_violation& e) {
        fmt::print("{}: {} ({})\n", e.sqlstate(), e.message(), e.constraint_name());
    }
    // The same without an exception.
    tusk::outcome<tusk::command_tag> again = co_await conn.try_execute("INSERT INTO city (name) VALUES ($1)", "Tokyo");
    fmt::print("{}\n", again.failed() ? again.error().sqlstate() : "inserted");

    // Commit on return, rollback on any exception; nesting is a savepoint.
    co_await conn.with_transaction([&](tusk::transaction& tx) -> asio::awaitable<void> {
        co_await tx.execute("UPDATE city SET population = population + 1");
        try {
            co_await tx.with_transaction([&](tusk::transaction& inner) -> asio::awaitable<void> {
                co_await inner.execute("DELETE FROM city");
                throw std::runtime_error{"changed my mind"};
            });
        } catch (const std::runtime_error&) {
        }
    });
    tusk::transaction tx = co_await conn.begin(tusk::isolation::serializable, tusk::access::read_only);
    co_await tx.query("SELECT 1");
    co_await tx.commit();

    auto left = co_await conn.query_one<std::int64_t>("SELECT count(*) FROM city WHERE population > 0");
    fmt::print("{} cities\n", left);
    co_await conn.close();
}

int main(int, char** argv)
{
    asio::io_context io;
    asio::co_spawn(io, tour(argv[1]), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
}
