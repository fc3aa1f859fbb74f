#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The seven queries of MagicStack's pgbench suite, which asyncpg's published figures come from: ten connections, one
/// operation at a time on each, every column decoded.
namespace bench::suite {

inline constexpr const char* pg_type =
    "select typname, typnamespace, typowner, typlen, typbyval, typcategory, typispreferred, typisdefined, typdelim, "
    "typrelid, typelem, typarray from pg_type where typtypmod = $1 and typisdefined = $2";
inline constexpr const char* generate_series = "SELECT i FROM generate_series(1, $1) AS i";
inline constexpr std::int32_t series_length = 1000;
inline constexpr const char* large_object = "SELECT * FROM _bytes";
inline constexpr const char* arrays = "SELECT * FROM _arrays";
inline constexpr const char* one_plus_one = "SELECT 1+1";

// One table at most, as all contenders have it: the first query reads the types of all of them.
inline constexpr const char* no_table = "SELECT 1";
inline constexpr const char* bytes_table =
    "CREATE TEMP TABLE _bytes AS SELECT repeat('a', 1000)::bytea AS b FROM generate_series(1, 100)";
inline constexpr const char* arrays_table =
    "CREATE TEMP TABLE _arrays AS SELECT (SELECT array_agg(i) FROM generate_series(1, 100) AS i) AS a "
    "FROM generate_series(1, 100)";
inline constexpr const char* row_table =
    "CREATE TEMP TABLE _test (a int, b int, c int, d text, e float, f int, g text)";

inline constexpr const char* insert = "INSERT INTO _test (a, b, c, d, e, f, g) VALUES ($1, $2, $3, $4, $5, $6, $7)";
inline constexpr std::size_t copied_rows = 10'000;
inline constexpr std::size_t inserted_rows = 1000;

/// The one row that is copied and inserted again and again.
struct row {
    std::int32_t a = 10;
    std::int32_t b = 11;
    std::int32_t c = 10;
    std::string d = "TESTTESTTEST";
    double e = 10.333;
    std::int32_t f = 12341234;
    std::string g = "123412341234";
};

} // namespace bench::suite
