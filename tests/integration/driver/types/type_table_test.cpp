// The table of types against the server's catalog: whatever has an input function has a row.

#include "support/run.hpp"
#include "support/type_table.hpp"

#include "types/builtin_types.hpp"

#include <set>
#include <string>

namespace {

using namespace tusk::test;

TEST(type_table, has_every_scalar_type_of_the_server)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        std::set<tusk::oid> listed;
        for (const type_row& row : scalar_type_table())
            listed.insert(tusk::type_oid(row.type));
        // Types that a column can have, and the pseudo-types that a query can return. Arrays, ranges and rows are
        // containers of these.
        const tusk::result rows = co_await conn.query(R"(
            SELECT oid, format_type(oid, NULL) FROM pg_type
            WHERE oid < 10000 AND typinput <> 0 AND NOT (typsubscript = 'array_subscript_handler'::regproc)
              AND (typtype = 'b' OR typname IN ('void', 'cstring')))");
        EXPECT_GT(rows.size(), 50U);
        for (auto [type, name] : rows.as<tusk::oid, std::string>())
            EXPECT_TRUE(listed.contains(type)) << name << " has no row in driver/TYPES.md";
    });
}

TEST(type_table, a_mismatch_names_what_would_fit)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const tusk::result rows = co_await conn.query("SELECT 1.50::numeric AS price, '1 day'::interval AS age");
        try {
            static_cast<void>(rows.front()["price"].as<std::int64_t>());
            ADD_FAILURE() << "a number with digits after the point was read as an integer";
        } catch (const tusk::decode_error& refused) {
            expect_mentions(refused, "\"price\"", "numeric", "std::int64_t", "as tusk::numeric", "::text");
        }
        try {
            static_cast<void>(rows.front()["age"].as<std::string>());
            ADD_FAILURE() << "an interval in binary was read as text";
        } catch (const tusk::decode_error& refused) {
            expect_mentions(refused, "\"age\"", "interval", "std::string", "as tusk::interval", "::text");
        }
    });
}

} // namespace
