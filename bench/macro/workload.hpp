#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What every contender shares: the work itself, in SQL, and the way to time it.
namespace bench {

/// Where the server is, and how much to ask of it.
struct options {
    std::string host; ///< The folder of the server's Unix socket.
    std::string port;
    std::string user;
    std::string database;
    std::size_t queries = 20'000;

    /// For libraries that take libpq's keyword/value string.
    [[nodiscard]] std::string conninfo() const;
};

// ---- Point select: one row by its primary key, prepared, one query after the other on one connection.

inline constexpr std::int64_t row_count = 1000;
inline constexpr const char* make_table = "CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text);"
                                          "INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 1000) g;"
                                          "ANALYZE t;";
inline constexpr const char* select_one = "SELECT id, name FROM t WHERE id = $1";

/// Queries before the clock starts: the statement is prepared and the server has settled on its generic plan.
inline constexpr std::size_t warm_up = 200;

/// The row that the n-th query asks for.
constexpr std::int64_t id_of(std::size_t query) { return static_cast<std::int64_t>(query) % row_count + 1; }

/// Proves that the right rows were read in the right order. All contenders must come to the same.
class checksum
{
public:
    void add(std::int64_t id, std::size_t name_length) noexcept
    {
        value_ = value_ * 31 + static_cast<std::uint64_t>(id) + name_length;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0;
};

// ---- Timing.

struct measurement {
    double user_seconds = 0;
    double system_seconds = 0;
    double wall_seconds = 0;
    long voluntary_switches = 0; ///< How often it waited.
    std::uint64_t check = 0;
    std::string server_version; ///< Where the contender knows it.
};

/// Starts when it is made. Only the loop between it and `stop` counts.
class stopwatch
{
public:
    stopwatch();
    [[nodiscard]] measurement stop(const checksum& read) const;

private:
    rusage usage_{};
    std::chrono::steady_clock::time_point start_;
};

/// For a contender that blocks. `query(id, sum)` runs one and adds its row to the sum.
template <class Query>
measurement measure(const options& given, Query&& query)
{
    checksum ignored;
    for (std::size_t i = 0; i < warm_up; ++i)
        query(id_of(i), ignored);
    checksum sum;
    const stopwatch watch;
    for (std::size_t i = 0; i < given.queries; ++i)
        query(id_of(i), sum);
    return watch.stop(sum);
}

/// A work that this contender can do. One static object in the file that does it makes it known to `main`.
class work
{
public:
    using function = measurement (*)(const options&);

    work(std::string_view name, function does) noexcept : name_{name}, run_{does}, next_{first_} { first_ = this; }
    work(const work&) = delete;
    work& operator=(const work&) = delete;

    /// Null where this contender cannot do it.
    static const work* find(std::string_view name) noexcept;
    [[nodiscard]] measurement run(const options& given) const { return run_(given); }

private:
    static inline constinit const work* first_ = nullptr;

    std::string_view name_;
    function run_;
    const work* next_;
};

} // namespace bench
