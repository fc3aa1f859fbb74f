// connect_timeout bounds what connecting waits for elsewhere, too: names that are looked up, and what the program
// gives.

#include "support/run.hpp"
#include "support/tls_server.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <netdb.h>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;

/// Looking up names below `.stuck.example` takes until it is ended.
class stuck_resolver
{
public:
    void wait()
    {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, 60s, [this] { return ended_; });
    }

    void end(bool ended)
    {
        const std::lock_guard lock{mutex_};
        ended_ = ended;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
};

stuck_resolver resolver;

} // namespace

/// Stands before the C library's for the whole program.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found)
{
    using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node != nullptr && std::string_view{node}.ends_with(".stuck.example")) {
        resolver.wait();
        return EAI_NONAME;
    }
    return real(node, service, hints, found);
}

namespace {

tusk::connect_options options_of(const std::string& conninfo)
{
    return tusk::connect_options{conninfo, [](std::string_view) { return std::optional<std::string>{}; }};
}

std::string to_server(std::string_view more)
{
    return fmt::format("port={} dbname=postgres connect_timeout=1 {}", tls_server::shared().port(), more);
}

/// Long enough for a busy machine, and much less than what would be waited for without a limit.
constexpr auto at_most = 20s;

TEST(connect_timeout, bounds_looking_a_name_up)
{
    resolver.end(false);
    run([]() -> asio::awaitable<void> {
        const tusk::connect_options options = options_of(to_server("user=t_any host=db.stuck.example"));
        const auto begun = std::chrono::steady_clock::now();
        const auto late = co_await thrown<tusk::timeout_error>([&] { return tusk::connect(options); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, at_most);
        expect_mentions(late, "db.stuck.example", "1 s", "connect_timeout");
        resolver.end(true);
    });
}

TEST(connect_timeout, a_name_that_is_not_found_in_time_leads_to_the_next_host)
{
    resolver.end(false);
    run([]() -> asio::awaitable<void> {
        tusk::connect_options options = options_of(to_server("user=t_any host=db.stuck.example,/nowhere"));
        options.host = "db.stuck.example," + tls_server::shared().socket_dir();
        tusk::connection conn = co_await tusk::connect(options);
        co_await expect_usable(conn);
        resolver.end(true);
    });
}

TEST(connect_timeout, cancelling_does_not_wait_for_a_name_either)
{
    resolver.end(false);
    asio::io_context io;
    asio::cancellation_signal stop;
    const tusk::connect_options options = options_of(to_server("user=t_any host=db.stuck.example connect_timeout=0"));
    std::exception_ptr thrown_by_it;
    bool ended = false;
    const auto body = [&]() -> asio::awaitable<void> { tusk::connection conn = co_await tusk::connect(options); };
    asio::co_spawn(io, body(), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr how) {
                       ended = true;
                       thrown_by_it = std::move(how);
                   }));
    io.run_for(50ms);
    EXPECT_FALSE(ended);
    stop.emit(asio::cancellation_type::terminal);
    for (int i = 0; i != 200 && !ended; ++i)
        io.run_for(50ms);
    resolver.end(true);
    ASSERT_TRUE(ended);
    EXPECT_THROW(std::rethrow_exception(thrown_by_it), tusk::operation_aborted);
    io.restart();
    io.run_for(hang_limit);
}

/// What connecting as a role with a password throws when it comes from such a callback.
void expect_late(tusk::connect_options::credential_callback callback)
{
    tusk::connect_options options = options_of(to_server("user=t_scram host=localhost sslmode=disable"));
    options.password_callback = std::move(callback);
    run([&]() -> asio::awaitable<void> {
        const auto begun = std::chrono::steady_clock::now();
        const auto late = co_await thrown<tusk::timeout_error>([&] { return tusk::connect(options); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, at_most);
        expect_mentions(late, "localhost", "password_callback", "connect_timeout");
    });
}

TEST(connect_timeout, bounds_a_callback_and_tells_it_to_stop)
{
    bool stopped = false;
    expect_late([&stopped](tusk::login_request) -> asio::awaitable<std::string> {
        try {
            co_await pause(1h);
        } catch (const std::exception&) {
            stopped = true;
            throw;
        }
        co_return "p";
    });
    EXPECT_TRUE(stopped);
}

TEST(connect_timeout, does_not_wait_for_a_callback_that_does_not_stop)
{
    bool finished = false;
    expect_late([&finished](tusk::login_request) -> asio::awaitable<std::string> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await pause(3s);
        finished = true; // on its own: nobody waits for it
        co_return "p";
    });
    EXPECT_TRUE(finished);
}

TEST(connect_timeout, a_callback_in_time_is_as_good_as_ever)
{
    tusk::connect_options options = options_of(to_server("user=t_scram host=localhost connect_timeout=60"));
    options.password_callback = [](tusk::login_request) -> asio::awaitable<std::string> {
        co_await pause(20ms);
        co_return "p";
    };
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> { co_await expect_usable(conn); }, options);
}

} // namespace
