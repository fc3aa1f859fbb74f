// A listener stays connected by itself: when it had to come back, it says that something may have been missed.
#include <tusk/driver.hpp>

#include <asio.hpp>
#include <fmt/format.h>

#include <exception>
#include <string>
#include <variant>
#include <vector>

asio::awaitable<void> follow(std::string url)
{
    std::vector<std::string> channels;
    channels.emplace_back("orders");
    tusk::listener ears{tusk::connect_options{url}, channels};
    co_await ears.start(); // what is sent from now on is heard, so this is the time to read the tables

    tusk::connection shop = co_await tusk::connect(url);
    co_await shop.execute("SELECT pg_notify('orders', $1)", "first");
    co_await shop.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE query LIKE 'LISTEN \"orders\"%' AND pid <> pg_backend_pid()"); // a bad day

    for (bool came_back = false; !came_back;) {
        const tusk::listener_event event = co_await ears.next();
        if (const auto* note = std::get_if<tusk::notification>(&event))
            fmt::print("{}: {}\n", note->channel, note->payload);
        else {
            fmt::print("{}; reading all orders again\n", std::get<tusk::notifications_lost>(event).reason);
            came_back = true;
        }
    }
    co_await ears.close();
    co_await shop.close();
}

int main(int, char** argv)
{
    asio::io_context io;
    asio::co_spawn(io, follow(argv[1]), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
}
