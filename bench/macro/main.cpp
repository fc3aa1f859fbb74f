// CONTENDER WORK --host FOLDER --port N --user NAME --database NAME --queries N
//
// Does the work, and says in one line of JSON what the timed loop of it took.

#include "workload.hpp"

#include <fmt/format.h>

#include <sys/time.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>

namespace bench {

std::string options::conninfo() const
{
    return fmt::format("host='{}' port={} user='{}' dbname='{}'", host, port, user, database);
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
        else if (name != "--queries")
            throw std::invalid_argument{fmt::format("there is no option {}", name)};
        else if (std::from_chars(value.data(), value.data() + value.size(), given.queries).ec != std::errc{})
            throw std::invalid_argument{fmt::format("{} is no number of queries", value)};
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

} // namespace

stopwatch::stopwatch() : start_{std::chrono::steady_clock::now()} { ::getrusage(RUSAGE_SELF, &usage_); }

measurement stopwatch::stop(const checksum& read) const
{
    rusage now{};
    ::getrusage(RUSAGE_SELF, &now);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
    return {.user_seconds = seconds(usage_.ru_utime, now.ru_utime),
            .system_seconds = seconds(usage_.ru_stime, now.ru_stime),
            .wall_seconds = wall.count(),
            .voluntary_switches = now.ru_nvcsw - usage_.ru_nvcsw,
            .check = read.value(),
            .server_version = {}};
}

const work* work::find(std::string_view name) noexcept
{
    const work* each = first_;
    while (each != nullptr && each->name_ != name)
        each = each->next_;
    return each;
}

} // namespace bench

int main(int count, char** values)
try {
    const std::span<char*> arguments{values, static_cast<std::size_t>(count)};
    const bench::work* chosen = count < 2 ? nullptr : bench::work::find(arguments[1]);
    if (chosen == nullptr)
        throw std::invalid_argument{"the first argument must name a work that this contender can do"};
    const bench::options given = bench::parse(arguments.subspan(2));
    const bench::measurement took = chosen->run(given);
    fmt::print(
        R"({{"queries": {}, "user_seconds": {:.6f}, "system_seconds": {:.6f}, "wall_seconds": {:.6f}, )"
        R"("voluntary_switches": {}, "checksum": "{:016x}", "server_version": "{}", "compiler": "{}", "optimised": {}}})"
        "\n",
        given.queries, took.user_seconds, took.system_seconds, took.wall_seconds, took.voluntary_switches, took.check,
        took.server_version, __VERSION__, bench::is_optimised());
    return 0;
} catch (const std::exception& problem) {
    fmt::print(stderr, "{}: {}\n", values[0], problem.what());
    return 1;
}
