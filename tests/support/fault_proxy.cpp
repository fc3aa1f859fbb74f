#include "support/fault_proxy.hpp"

#include "support/server.hpp"

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/system_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <future>
#include <utility>

namespace tusk::test {

using asio::ip::tcp;
using local = asio::local::stream_protocol;

/// A client and its connection to the server.
struct fault_proxy::session {
    tcp::socket client;
    local::socket server;

    void cut() noexcept
    {
        asio::error_code ignored;
        // Without lingering a closed socket says "reset": also to a peer that only writes.
        client.set_option(tcp::socket::linger{true, 0}, ignored);
        client.close(ignored);
        server.close(ignored);
    }
};

/// Waits for a number of bytes (where the pattern is empty) or for a pattern.
struct fault_proxy::trap {
    std::size_t bytes_left = 0;
    std::string pattern;
    bool passes_pattern = false;
    std::string seen = {}; ///< The end of what was passed on: the pattern may have begun there.

    /// How much of a piece is passed on before the cut; nothing where it is not to be cut here.
    std::optional<std::size_t> springs(std::string_view piece)
    {
        if (pattern.empty()) {
            if (piece.size() >= bytes_left)
                return bytes_left;
            bytes_left -= piece.size();
            return std::nullopt;
        }
        const std::size_t before = seen.size();
        seen += piece;
        const std::size_t found = seen.find(pattern);
        if (found == std::string::npos) {
            if (seen.size() >= pattern.size())
                seen.erase(0, seen.size() - (pattern.size() - 1));
            return std::nullopt;
        }
        const std::size_t end = passes_pattern ? found + pattern.size() : found;
        return end > before ? end - before : 0;
    }
};

fault_proxy::fault_proxy() : fault_proxy{fmt::format("{}/.s.PGSQL.{}", server().socket_dir(), server().port())} {}

fault_proxy::fault_proxy(const std::string& server_socket)
    : server_{server_socket},
      acceptor_{io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}},
      url_{fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", acceptor_.local_endpoint().port())}
{
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread{[this] { io_.run(); }};
}

fault_proxy::~fault_proxy()
{
    cut();
    io_.stop();
    thread_.join();
}

template <class Function>
void fault_proxy::on_its_thread(Function&& function)
{
    std::promise<void> done;
    asio::post(io_, [&] {
        function();
        done.set_value();
    });
    done.get_future().wait();
}

void fault_proxy::set_trap(way where, trap what)
{
    on_its_thread([&] { at(where).set = std::make_unique<trap>(std::move(what)); });
}

void fault_proxy::delay(way where, std::chrono::milliseconds length)
{
    on_its_thread([&] { at(where).delay = length; });
}

void fault_proxy::trickle(way where, std::chrono::milliseconds a_byte)
{
    on_its_thread([&] { at(where).a_byte = a_byte; });
}

void fault_proxy::hold(way where, bool held)
{
    on_its_thread([&] { at(where).held = held; });
}

void fault_proxy::receive(reception how)
{
    on_its_thread([&] { reception_ = how; });
}

void fault_proxy::stop_listening()
{
    on_its_thread([&] { acceptor_.close(); });
}

std::size_t fault_proxy::clients()
{
    std::size_t count = 0;
    on_its_thread([&] { count = clients_; });
    return count;
}

void fault_proxy::cut_after(way where, std::size_t bytes) { set_trap(where, trap{bytes, {}, false}); }

void fault_proxy::cut_after(way where, std::string_view pattern)
{
    set_trap(where, trap{0, std::string{pattern}, true});
}

void fault_proxy::cut_before(way where, std::string_view pattern)
{
    set_trap(where, trap{0, std::string{pattern}, false});
}

void fault_proxy::cut()
{
    on_its_thread([&] {
        for (const std::weak_ptr<session>& each : std::exchange(sessions_, {}))
            if (const auto open = each.lock())
                open->cut();
    });
}

asio::awaitable<void> fault_proxy::accept()
{
    for (;;) {
        tcp::socket client = co_await acceptor_.async_accept(asio::use_awaitable);
        asio::error_code gone; // a client that has hung up already shows itself when it is read from
        client.set_option(tcp::no_delay{true}, gone);
        auto accepted = std::make_shared<session>(session{std::move(client), local::socket{io_}});
        ++clients_;
        if (reception_ == reception::reset) {
            accepted->cut();
            continue;
        }
        sessions_.push_back(accepted);
        if (reception_ == reception::ignored) {
            ignored_.push_back(std::move(accepted));
            continue;
        }
        asio::co_spawn(io_, serve(std::move(accepted)), asio::detached);
    }
}

asio::awaitable<void> fault_proxy::serve(std::shared_ptr<session> accepted)
{
    try {
        co_await accepted->server.async_connect(server_, asio::use_awaitable);
    } catch (const asio::system_error&) {
        accepted->cut(); // no server: its clients see a reset
        co_return;
    }
    asio::co_spawn(io_, relay(accepted, way::to_server), asio::detached);
    asio::co_spawn(io_, relay(accepted, way::to_client), asio::detached);
}

asio::awaitable<void> fault_proxy::sleep(std::chrono::milliseconds length)
{
    asio::steady_timer timer{io_, length};
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> fault_proxy::relay(std::shared_ptr<session> of, way where)
{
    const bool to_server = where == way::to_server;
    const auto read = [&](asio::mutable_buffer room) {
        return to_server ? of->client.async_read_some(room, asio::use_awaitable)
                         : of->server.async_read_some(room, asio::use_awaitable);
    };
    const auto write = [&](asio::const_buffer bytes) {
        return to_server ? asio::async_write(of->server, bytes, asio::use_awaitable)
                         : asio::async_write(of->client, bytes, asio::use_awaitable);
    };
    std::vector<char> room(16 * 1024);
    try {
        for (;;) {
            const std::size_t count = co_await read(asio::buffer(room));
            if (at(where).delay.count() != 0)
                co_await sleep(at(where).delay);
            while (at(where).held)
                co_await sleep(std::chrono::milliseconds{1});
            direction& here = at(where);
            if (here.a_byte.count() != 0) {
                for (std::size_t i = 0; i != count; ++i) {
                    co_await sleep(here.a_byte);
                    co_await write(asio::buffer(room.data() + i, 1));
                }
                continue;
            }
            const auto passing = here.set ? here.set->springs({room.data(), count}) : std::nullopt;
            co_await write(asio::buffer(room.data(), passing.value_or(count)));
            if (passing) {
                here.set.reset();
                of->cut();
                co_return;
            }
        }
    } catch (const asio::system_error&) {
        // One side has ended: the other is told, and what it still says is passed on.
        asio::error_code ignored;
        if (to_server)
            of->server.shutdown(local::socket::shutdown_send, ignored);
        else
            of->client.shutdown(tcp::socket::shutdown_send, ignored);
    }
}

} // namespace tusk::test
