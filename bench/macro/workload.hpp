#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What every contender shares: the way to be told what to do, to time it, and to prove that it was done.
namespace bench {

/// Where the server is, and how much to ask of it.
struct options {
    std::string host; ///< The folder of the server's Unix socket, or an IPv4 address.
    std::string port;
    std::string user;
    std::string database;
    std::string password;
    std::string sslmode = "disable";
    std::size_t operations = 20'000;
    bool latencies = true; ///< Whether a second pass measures how long each operation takes.

    /// For libraries that take libpq's keyword/value string.
    [[nodiscard]] std::string conninfo() const;
};

/// Proves that the right rows were read. All contenders must come to the same. The order does not matter, for it is a
/// matter of timing where there are several callers.
class checksum
{
public:
    void add(std::uint64_t value) noexcept { value_ += value; }
    void add(std::int64_t id, std::size_t name_length) noexcept
    {
        value_ += static_cast<std::uint64_t>(id) * 31 + name_length;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0;
};

struct measurement {
    double user_seconds = 0;
    double system_seconds = 0;
    double wall_seconds = 0;
    long voluntary_switches = 0;   ///< How often it waited.
    std::uint64_t allocations = 0; ///< Calls of malloc, calloc and realloc.
    long idle_kib = 0;             ///< Resident memory when the clock started ...
    long peak_kib = 0;             ///< ... and at its highest after that.
    std::uint64_t check = 0;
    std::string server_version;   ///< Where the contender knows it.
    std::vector<float> latencies; ///< In seconds, from a second pass; empty where an operation is no round trip.
};

/// Starts when it is made. Only the loop between it and `stop` counts.
class stopwatch
{
public:
    stopwatch();
    [[nodiscard]] measurement stop(const checksum& read) const;

private:
    long idle_kib_ = 0;
    std::uint64_t allocations_ = 0;
    rusage usage_{};
    std::chrono::steady_clock::time_point start_;
};

/// How long each operation of a pass took. An operation begins where the one before it has ended.
class laps
{
public:
    /// @param count  0: nothing is noted, and the clock is not asked.
    explicit laps(std::size_t count) : noted_(count > 0) { taken_.reserve(count); }
    void start()
    {
        if (noted_)
            last_ = std::chrono::steady_clock::now();
    }
    void lap()
    {
        if (!noted_)
            return;
        const auto now = std::chrono::steady_clock::now();
        taken_.push_back(std::chrono::duration<float>(now - last_).count());
        last_ = now;
    }
    void note(std::chrono::steady_clock::time_point since)
    {
        taken_.push_back(std::chrono::duration<float>(std::chrono::steady_clock::now() - since).count());
    }
    [[nodiscard]] bool noted() const noexcept { return noted_; }
    [[nodiscard]] std::vector<float> take() { return std::move(taken_); }

private:
    bool noted_;
    std::chrono::steady_clock::time_point last_;
    std::vector<float> taken_;
};

/// How many operations the pass for latencies has.
constexpr std::size_t lap_count(const options& given) { return given.latencies ? given.operations / 5 : 0; }

/// For a contender that blocks: `once(i, sum)` does the i-th operation.
/// @param before  How many come before the clock starts.
template <class Once>
measurement measure(const options& given, std::size_t before, Once&& once)
{
    checksum ignored;
    for (std::size_t i = 0; i < before; ++i)
        once(i, ignored);
    checksum sum;
    const stopwatch watch;
    for (std::size_t i = 0; i < given.operations; ++i)
        once(i, sum);
    measurement took = watch.stop(sum);
    laps timed{lap_count(given)};
    timed.start();
    for (std::size_t i = 0; i < lap_count(given); ++i) {
        once(i, ignored);
        timed.lap();
    }
    took.latencies = timed.take();
    return took;
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
    /// Prints the names of all that it can do.
    static void list();
    [[nodiscard]] measurement run(const options& given) const { return run_(given); }

private:
    static inline constinit const work* first_ = nullptr;

    std::string_view name_;
    function run_;
    const work* next_;
};

/// How often this program has called malloc, calloc or realloc.
[[nodiscard]] std::uint64_t allocations() noexcept;

} // namespace bench
