// CONTENDER WORK --host FOLDER_OR_ADDRESS --port N --user NAME --database NAME --operations N
//
// Does the work, and says in one line of JSON what the timed loop of it took. Without a work it tells which it can do.

#include "workload.hpp"

#include <fmt/format.h>

#include <sys/time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <stdexcept>

namespace bench {

std::string options::conninfo() const
{
    return fmt::format("host='{}' port={} user='{}' dbname='{}' password='{}' sslmode={}", host, port, user, database,
                       password, sslmode);
}

namespace {

double seconds(const timeval& from, const timeval& to)
{
    return static_cast<double>(to.tv_sec - from.tv_sec) + static_cast<double>(to.tv_usec - from.tv_usec) * 1e-6;
}

options parse(std::span<char*> arguments)
{
    options given;
    if (arguments.size() % 2 != 0)
        throw std::invalid_argument{"every option needs a value"};
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        const std::string_view value = arguments[i + 1];
        if (name == "--host")
            given.host = value;
        else if (name == "--port")
            given.port = value;
        else if (name == "--user")
            given.user = value;
        else if (name == "--database")
            given.database = value;
        else if (name == "--password")
            given.password = value;
        else if (name == "--sslmode")
            given.sslmode = value;
        else if (name == "--latencies")
            given.latencies = value != "no";
        else if (name != "--operations")
            throw std::invalid_argument{fmt::format("there is no option {}", name)};
        else if (std::from_chars(value.data(), value.data() + value.size(), given.operations).ec != std::errc{})
            throw std::invalid_argument{fmt::format("{} is no number of operations", value)};
    }
    return given;
}

bool is_optimised()
{
#if defined(__OPTIMIZE__) && defined(NDEBUG)
    return true;
#else
    return false;
#endif
}

/// A line of /proc/self/status, in KiB.
long memory(std::string_view key)
{
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key))
            return std::stol(line.substr(key.size() + 1));
    return 0;
}

/// From now on VmHWM is the peak since now.
void forget_peak() { std::ofstream{"/proc/self/clear_refs"} << "5\n"; }

double percentile(std::vector<float>& sorted, double fraction)
{
    if (sorted.empty())
        return 0;
    return static_cast<double>(sorted[static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1))]);
}

} // namespace

stopwatch::stopwatch()
{
    forget_peak();
    idle_kib_ = memory("VmRSS:");
    allocations_ = allocations();
    start_ = std::chrono::steady_clock::now();
    ::getrusage(RUSAGE_SELF, &usage_);
}

measurement stopwatch::stop(const checksum& read) const
{
    rusage now{};
    ::getrusage(RUSAGE_SELF, &now);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
    const std::uint64_t allocated = allocations() - allocations_;
    return {.user_seconds = seconds(usage_.ru_utime, now.ru_utime),
            .system_seconds = seconds(usage_.ru_stime, now.ru_stime),
            .wall_seconds = wall.count(),
            .voluntary_switches = now.ru_nvcsw - usage_.ru_nvcsw,
            .allocations = allocated,
            .idle_kib = idle_kib_,
            .peak_kib = memory("VmHWM:"),
            .check = read.value(),
            .server_version = {},
            .latencies = {}};
}

const work* work::find(std::string_view name) noexcept
{
    const work* each = first_;
    while (each != nullptr && each->name_ != name)
        each = each->next_;
    return each;
}

void work::list()
{
    for (const work* each = first_; each != nullptr; each = each->next_)
        fmt::print("{}\n", each->name_);
}

} // namespace bench

int main(int count, char** values)
try {
    const std::span<char*> arguments{values, static_cast<std::size_t>(count)};
    if (count < 2) {
        bench::work::list();
        return 0;
    }
    const bench::work* chosen = bench::work::find(arguments[1]);
    if (chosen == nullptr)
        throw std::invalid_argument{"the first argument must name a work that this contender can do"};
    const bench::options given = bench::parse(arguments.subspan(2));
    bench::measurement took = chosen->run(given);
    std::ranges::sort(took.latencies);
    fmt::print(R"({{"operations": {}, "user_seconds": {:.6f}, "system_seconds": {:.6f}, "wall_seconds": {:.6f}, )"
               R"("voluntary_switches": {}, "allocations": {}, "idle_kib": {}, "peak_kib": {}, "p50_us": {:.2f}, )"
               R"("p99_us": {:.2f}, "checksum": "{:016x}", "server_version": "{}", "compiler": "{}", "optimised": {}}})"
               "\n",
               given.operations, took.user_seconds, took.system_seconds, took.wall_seconds, took.voluntary_switches,
               took.allocations, took.idle_kib, took.peak_kib, 1e6 * bench::percentile(took.latencies, 0.5),
               1e6 * bench::percentile(took.latencies, 0.99), took.check, took.server_version, __VERSION__,
               bench::is_optimised());
    return 0;
} catch (const std::exception& problem) {
    fmt::print(stderr, "{}: {}\n", values[0], problem.what());
    return 1;
}
