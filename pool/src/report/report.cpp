#include <tusk/pool/close_reason.hpp>
#include <tusk/pool/counters.hpp>
#include <tusk/pool/status.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace tusk {

namespace {

constexpr std::array<std::string_view, close_reasons> reason_names{
    "none",        "lifetime",     "idle_timeout",   "surplus",   "invalidated", "lost",
    "ping_failed", "reset_failed", "connect_failed", "discarded", "disposed"};

double seconds(pool_counters::duration length) { return std::chrono::duration<double>(length).count(); }

std::string escaped(std::string_view value)
{
    std::string out;
    for (const char each : value) {
        if (each == '\\' || each == '"')
            out += '\\';
        if (each == '\n')
            out += "\\n";
        else
            out += each;
    }
    return out;
}

/// One family of metrics after the other, as the format demands.
class exposition
{
public:
    explicit exposition(std::string_view pool) : label_{fmt::format("pool=\"{}\"", escaped(pool))} {}

    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    }
    void sample(std::string_view name, auto value, std::string_view more = {})
    {
        fmt::format_to(std::back_inserter(text_), "{}{{{}{}{}}} {}\n", name, label_, more.empty() ? "" : ",", more,
                       value);
    }
    void counter(std::string_view name, auto value, std::string_view help)
    {
        family(name, "counter", help);
        sample(name, value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string label_;
    std::string text_;
};

void add_waits(exposition& to, const pool_counters& counters)
{
    to.family("tusk_pool_wait_seconds", "histogram", "How long callers waited that had to wait.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < counters.waits.size(); ++i) {
        sum += counters.waits[i];
        const bool is_last = i == pool_counters::wait_bounds.size();
        to.sample("tusk_pool_wait_seconds_bucket", sum,
                  is_last ? std::string{"le=\"+Inf\""}
                          : fmt::format("le=\"{}\"", seconds(pool_counters::wait_bounds[i])));
    }
    to.sample("tusk_pool_wait_seconds_sum", seconds(counters.wait_total));
    to.sample("tusk_pool_wait_seconds_count", sum);
}

} // namespace

std::string_view to_string(close_reason why) noexcept { return reason_names[static_cast<std::size_t>(why)]; }

std::string to_string(const pool_status& status)
{
    return fmt::format("size {}, cap {}: {} idle, {} leased, {} opening, {} checking, {} closing; overflow {}, {} "
                       "waiting{}",
                       status.size, status.cap == 0 ? std::string{"unlimited"} : fmt::format("{}", status.cap),
                       status.idle, status.leased, status.opening, status.checking, status.closing, status.overflow,
                       status.waiting, status.is_closed ? "; closed" : "");
}

std::string to_prometheus(const pool_status& status, const pool_counters& counters, std::string_view name)
{
    exposition out{name};
    out.family("tusk_pool_connections", "gauge", "Connections by state; all of them count against the cap.");
    out.sample("tusk_pool_connections", status.idle, "state=\"idle\"");
    out.sample("tusk_pool_connections", status.leased, "state=\"leased\"");
    out.sample("tusk_pool_connections", status.opening, "state=\"opening\"");
    out.sample("tusk_pool_connections", status.checking, "state=\"checking\"");
    out.sample("tusk_pool_connections", status.closing, "state=\"closing\"");
    out.family("tusk_pool_size", "gauge", "Connections that are kept.");
    out.sample("tusk_pool_size", status.size);
    out.family("tusk_pool_cap", "gauge", "Most connections at a time; 0: unlimited.");
    out.sample("tusk_pool_cap", status.cap);
    out.family("tusk_pool_waiting", "gauge", "Callers in the queue.");
    out.sample("tusk_pool_waiting", status.waiting);
    out.counter("tusk_pool_acquired_total", counters.acquired, "Connections handed out.");
    out.counter("tusk_pool_acquired_at_once_total", counters.acquired_at_once, "Of these, without waiting.");
    out.counter("tusk_pool_released_total", counters.released, "Connections that came back.");
    out.family("tusk_pool_refused_total", "counter", "Callers that got no connection, by cause.");
    out.sample("tusk_pool_refused_total", counters.timeouts, "cause=\"timeout\"");
    out.sample("tusk_pool_refused_total", counters.cancelled, "cause=\"cancelled\"");
    out.sample("tusk_pool_refused_total", counters.refused_full, "cause=\"max_waiters\"");
    out.sample("tusk_pool_refused_total", counters.failed_by_connect, "cause=\"connect\"");
    out.family("tusk_pool_connects_total", "counter", "Attempts to connect, by result.");
    out.sample("tusk_pool_connects_total", counters.connects_succeeded, "result=\"success\"");
    out.sample("tusk_pool_connects_total", counters.connects_failed, "result=\"failure\"");
    out.counter("tusk_pool_connects_started_total", counters.connects_started, "Attempts to connect.");
    out.counter("tusk_pool_pings_total", counters.pings, "Idle connections that were asked whether they live.");
    out.counter("tusk_pool_pings_failed_total", counters.pings_failed, "Pings that were not answered.");
    out.counter("tusk_pool_found_dead_total", counters.found_dead,
                "Idle connections that were found dead without asking.");
    out.counter("tusk_pool_resets_total", counters.resets, "Connections that were cleaned up when they came back.");
    out.counter("tusk_pool_leaks_suspected_total", counters.leaks_suspected, "Leases above leak_threshold.");
    out.family("tusk_pool_closed_total", "counter", "Connections closed, by reason.");
    for (std::size_t i = 1; i < close_reasons; ++i)
        out.sample("tusk_pool_closed_total", counters.closed[i],
                   fmt::format("reason=\"{}\"", to_string(static_cast<close_reason>(i))));
    add_waits(out, counters);
    out.counter("tusk_pool_use_seconds_total", seconds(counters.use_total), "How long connections were leased.");
    out.counter("tusk_pool_connect_seconds_total", seconds(counters.connect_total), "How long connecting took.");
    return out.take();
}

} // namespace tusk
