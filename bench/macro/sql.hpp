#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The works themselves: what every contender asks the server for, and what it gives it.
namespace bench {

// ---- Point select: one row by its primary key, prepared.

inline constexpr std::int64_t row_count = 1000;
inline constexpr const char* make_table = "CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text);"
                                          "INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 1000) g;"
                                          "ANALYZE t;";
inline constexpr const char* select_one = "SELECT id, name FROM t WHERE id = $1";

/// Queries before the clock starts: the statement is prepared and the server has settled on its generic plan.
inline constexpr std::size_t warm_up = 200;

/// The row that the n-th query asks for.
constexpr std::int64_t id_of(std::size_t query) { return static_cast<std::int64_t>(query) % row_count + 1; }

inline constexpr std::size_t connection_count = 10;
inline constexpr std::size_t pipeline_length = 100;
inline constexpr std::size_t caller_count = 1000;

// ---- At a distance.

inline constexpr const char* add_one = "SELECT $1::int8 + 1";
inline constexpr const char* make_accounts = "CREATE TEMP TABLE account (id int8 PRIMARY KEY, balance int8);"
                                             "INSERT INTO account SELECT g, 1000 FROM generate_series(1, 10) AS g;";
inline constexpr const char* take_one = "UPDATE account SET balance = balance - 1 WHERE id = $1";
inline constexpr const char* give_one = "UPDATE account SET balance = balance + 1 WHERE id = $1";
inline constexpr const char* count_all = "SELECT sum(balance)::int8 FROM account";

// ---- Rows of six typed columns, read, copied and inserted.

inline constexpr const char* select_rows = "SELECT id, n, x, name, at, flag FROM tusk_bench_rows WHERE id <= $1";

/// Made once a server, for it takes a second.
inline constexpr const char* make_rows =
    "CREATE UNLOGGED TABLE IF NOT EXISTS tusk_bench_rows AS SELECT g::int8 AS id, (g % 1000)::int4 AS n, "
    "g * 0.5::float8 AS x, 'name ' || (g % 1000) AS name, "
    "timestamptz '2000-01-01 00:00:00+00' + g * interval '1 second' AS at, g % 2 = 0 AS flag "
    "FROM generate_series(1::int8, 1000000) AS g";

inline constexpr const char* make_copied =
    "CREATE TEMP TABLE copied (id int8, n int4, x float8, name text, at timestamptz, flag bool)";
inline constexpr const char* copy_in = "COPY copied (id, n, x, name, at, flag) FROM STDIN (FORMAT binary)";
inline constexpr const char* insert_row =
    "INSERT INTO copied (id, n, x, name, at, flag) VALUES ($1, $2, $3, $4, $5, $6)";

inline std::string copy_out_of(std::size_t rows)
{
    return "COPY (SELECT id, n, x, name, at, flag FROM tusk_bench_rows WHERE id <= " + std::to_string(rows) +
           ") TO STDOUT (FORMAT binary)";
}

// ---- Values that are more than a few bytes turned round: one column of 1 M numerics, int4[10], jsonb.

inline constexpr const char* select_numerics = "SELECT amount FROM tusk_bench_values WHERE id <= $1";
inline constexpr const char* select_arrays = "SELECT numbers FROM tusk_bench_values WHERE id <= $1";
inline constexpr const char* select_documents = "SELECT document FROM tusk_bench_values WHERE id <= $1";

inline constexpr const char* make_values =
    "CREATE UNLOGGED TABLE IF NOT EXISTS tusk_bench_values AS SELECT g::int8 AS id, (g * 123.45)::numeric(18, 2) AS "
    "amount, "
    "ARRAY[g, -1, 2, -3, 4, -5, 6, -7, 8, -9] AS numbers, "
    "jsonb_build_object('id', g, 'name', 'name ' || g, 'tags', ARRAY['a', 'b']) AS document "
    "FROM generate_series(1, 100000) AS g";

/// A numeric with at most four digits behind its point, in units of the fourth.
/// @param group   The n-th four digits, the highest first.
/// @param weight  How many groups stand before the point, less one.
template <class Group>
std::int64_t units_of(std::size_t count, int weight, bool is_negative, Group&& group)
{
    std::int64_t units = 0;
    for (int at = 0; at <= weight + 1; ++at)
        units = units * 10'000 + (static_cast<std::size_t>(at) < count ? group(static_cast<std::size_t>(at)) : 0);
    return is_negative ? -units : units;
}

/// One of the rows of six columns, as C++ has it.
struct sample {
    std::int64_t id;
    std::int32_t n;
    double x;
    std::string_view name;
    std::int64_t at; ///< Microseconds since 2000.
    bool flag;
};

/// The rows to be written. The names are made beforehand: what is measured is how they are sent.
class samples
{
public:
    samples()
    {
        for (std::size_t i = 0; i < names_.size(); ++i)
            names_[i] = "name " + std::to_string(i);
    }
    [[nodiscard]] sample operator[](std::size_t position) const
    {
        const auto id = static_cast<std::int64_t>(position) + 1;
        return {id,
                static_cast<std::int32_t>(id % 1000),
                static_cast<double>(id) * 0.5,
                names_[static_cast<std::size_t>(id % 1000)],
                id * 1'000'000,
                id % 2 == 0};
    }

private:
    std::array<std::string, 1000> names_;
};

/// What a row adds to a checksum.
inline std::uint64_t digest(std::int64_t id, std::int32_t n, double x, std::size_t name_length, std::int64_t at,
                            bool flag) noexcept
{
    return static_cast<std::uint64_t>(id) + static_cast<std::uint64_t>(static_cast<std::int64_t>(n)) +
           std::bit_cast<std::uint64_t>(x) + name_length + static_cast<std::uint64_t>(at) + (flag ? 1U : 0U);
}

} // namespace bench
