// A failover: the server that the pool is connected to has become a standby, and its address leads to the new primary.

#include "pool_testing.hpp"

#include "support/script_messages.hpp"

#include <asio/buffer.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <exception>
#include <string>

namespace {

using namespace tusk::test;
using asio::ip::tcp;

/// As much of a server as a pool of connections needs that run scripts. Sessions that began before `fail_over()` are
/// those of a standby.
class two_servers
{
public:
    explicit two_servers(const asio::any_io_executor& executor)
        : acceptor_{executor, tcp::endpoint{asio::ip::address_v4::loopback(), 0}}
    {
        asio::co_spawn(executor, accept(), asio::detached);
    }

    [[nodiscard]] std::string url() const
    {
        return fmt::format("postgresql://me@127.0.0.1:{}/mine?sslmode=disable", acceptor_.local_endpoint().port());
    }
    void fail_over() { ++age_; }
    void stop() { acceptor_.close(); }
    /// What the standby says of itself.
    std::string says_of_itself = "on";

private:
    asio::awaitable<void> accept()
    {
        for (;;) {
            tcp::socket client = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::co_spawn(acceptor_.get_executor(), serve(std::move(client), age_), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket client, int born)
    {
        std::array<unsigned char, 4> size{};
        co_await asio::async_read(client, asio::buffer(size), asio::use_awaitable);
        co_await skip(client, size);
        co_await say(client, backend::authentication(0) + backend::parameter_status("in_hot_standby", says_of_itself) +
                                 backend::ready('I'));
        for (;;) {
            std::array<char, 1> type{};
            co_await asio::async_read(client, asio::buffer(type), asio::use_awaitable);
            co_await asio::async_read(client, asio::buffer(size), asio::use_awaitable);
            co_await skip(client, size);
            if (type[0] == 'X')
                co_return;
            const backend::fields refusal{{'S', "ERROR"},
                                          {'V', "ERROR"},
                                          {'C', "25006"},
                                          {'M', "cannot execute INSERT in a read-only transaction"}};
            const std::string answer = born < age_ ? backend::error(refusal) : backend::complete("INSERT 0 1");
            co_await say(client, answer + backend::ready('I'));
        }
    }

    static asio::awaitable<void> skip(tcp::socket& from, const std::array<unsigned char, 4>& size)
    {
        const std::size_t length =
            (std::size_t{size[0]} << 24U) + (std::size_t{size[1]} << 16U) + (std::size_t{size[2]} << 8U) + size[3];
        std::string body(length - 4, '\0');
        co_await asio::async_read(from, asio::buffer(body), asio::use_awaitable);
    }
    static asio::awaitable<void> say(tcp::socket& to, std::string what)
    {
        co_await asio::async_write(to, asio::buffer(what), asio::use_awaitable);
    }

    tcp::acceptor acceptor_;
    int age_ = 0;
};

asio::awaitable<void> fill(const tusk::pool& pool, std::size_t count)
{
    std::vector<tusk::pooled_connection> all;
    while (all.size() < count)
        all.push_back(co_await pool.acquire());
}

template <class Body>
void run_with_two_servers(Body body)
{
    for (const bool thread_safe : {true, false})
        run([&]() -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            two_servers servers{executor};
            tusk::pool_options options = exactly(4);
            options.reset = tusk::pool_reset::rollback; // a script would have the session reset
            options.thread_safe = thread_safe;
            {
                const tusk::pool pool{executor, servers.url(), options};
                co_await fill(pool, 4);
                co_await body(servers, pool);
            }
            servers.stop();
            co_await pause(20ms); // its sessions end
        });
}

TEST(pool_standby, one_refused_write_replaces_every_connection)
{
    run_with_two_servers([](two_servers& servers, const tusk::pool& pool) -> asio::awaitable<void> {
        co_await pool.execute_script("INSERT");
        servers.fail_over();
        co_await thrown<tusk::read_only_sql_transaction>([&] { return pool.execute_script("INSERT"); });
        for (int i = 0; i < 10; ++i)
            co_await pool.execute_script("INSERT");
        EXPECT_EQ(closed_because(pool, tusk::close_reason::invalidated), 4U);
    });
}

TEST(pool_standby, a_read_only_transaction_on_a_primary_replaces_nothing)
{
    run_with_two_servers([](two_servers& servers, const tusk::pool& pool) -> asio::awaitable<void> {
        servers.says_of_itself = "off";
        pool.invalidate();
        co_await fill(pool, 4);
        servers.fail_over();
        for (int i = 0; i < 5; ++i)
            co_await thrown<tusk::read_only_sql_transaction>([&] { return pool.execute_script("INSERT"); });
        EXPECT_EQ(pool.status().idle, 4U);
    });
}

} // namespace
