#pragma once

#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tusk::test {

/// Stands between a client and the server of the tests, passes bytes on, and breaks the connection where it is told to.
///
/// It runs on a thread of its own, so that it goes on while the test waits. What it is told is in force when the call
/// returns, for the sessions that are open and those to come; a cut happens once.
class fault_proxy
{
public:
    enum class way : std::size_t { to_server, to_client };
    /// What becomes of a client: connected to the server, accepted and left alone, or reset at once.
    enum class reception { served, ignored, reset };

    /// Listens on a TCP port of 127.0.0.1 and connects each client to the server's socket.
    /// @throws std::logic_error  The server is not our own.
    fault_proxy();
    /// The same with any server's socket.
    explicit fault_proxy(const std::string& server_socket);
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    /// Breaks what is open.
    ~fault_proxy();

    /// Where to connect: the server's superuser, who needs no password.
    const std::string& url() const noexcept { return url_; }
    /// The same, for who connects as somebody else.
    unsigned short port() const { return acceptor_.local_endpoint().port(); }

    /// Holds everything back for so long that goes this way.
    void delay(way where, std::chrono::milliseconds length);

    /// Passes one byte at a time, so long after another; 0 for no limit.
    void trickle(way where, std::chrono::milliseconds a_byte);

    /// Passes nothing on any more, until it is told otherwise.
    void hold(way where, bool held);

    /// For the clients that come from now on; a cancel comes as a client of its own.
    void receive(reception how);

    /// From now on clients are refused.
    void stop_listening();

    /// How many clients have come so far.
    std::size_t clients();

    /// Passes so many further bytes on, and breaks that session with the last of them.
    void cut_after(way where, std::size_t bytes);

    /// Passes everything on up to the end of these bytes, and breaks that session.
    void cut_after(way where, std::string_view pattern);

    /// Passes everything on up to these bytes, and breaks that session when they come. They are kept back only as far
    /// as they arrive together.
    void cut_before(way where, std::string_view pattern);

    /// Breaks every open session now. Clients see a reset, the server an end of file.
    void cut();

private:
    struct session;
    struct trap;
    /// What is done to the bytes that go one way.
    struct direction {
        std::chrono::milliseconds delay{0};
        std::chrono::milliseconds a_byte{0};
        bool held = false;
        std::unique_ptr<trap> set;
    };

    template <class Function>
    void on_its_thread(Function&& function);
    void set_trap(way where, trap what);
    direction& at(way where) noexcept { return directions_[static_cast<std::size_t>(where)]; }

    asio::awaitable<void> accept();
    asio::awaitable<void> serve(std::shared_ptr<session> accepted);
    asio::awaitable<void> sleep(std::chrono::milliseconds length);
    asio::awaitable<void> relay(std::shared_ptr<session> of, way where);

    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    asio::local::stream_protocol::endpoint server_;
    asio::ip::tcp::acceptor acceptor_;
    std::string url_;
    std::array<direction, 2> directions_;
    std::vector<std::weak_ptr<session>> sessions_;
    std::vector<std::shared_ptr<session>> ignored_;
    reception reception_ = reception::served;
    std::size_t clients_ = 0;
    std::thread thread_;
};

} // namespace tusk::test
