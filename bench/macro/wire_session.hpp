#pragma once

#include "scram.hpp"
#include "wire.hpp"
#include "workload.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace bench::wire {

/// A session over a blocking socket: no error handling beyond giving up, no authentication but trust and SCRAM.
class session
{
public:
    explicit session(const options& to, std::size_t buffer = 16UL * 1024) : received_{buffer}
    {
        open(to);
        send(message("", number<std::uint32_t>(3U << 16U) + zero_ended("user") + zero_ended(to.user) +
                             zero_ended("database") + zero_ended(to.database) + '\0'));
        scram login{to.password};
        finish([&](const answered& each) {
            if (each.type == 'R')
                if (const std::string reply = login.answer({each.body, each.size}); !reply.empty())
                    send(message("p", reply));
        });
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    session(session&& other) noexcept : socket_{other.release()}, received_{std::move(other.received_)} {}
    session& operator=(session&&) = delete;
    ~session()
    {
        if (socket_ >= 0)
            ::close(socket_);
    }

    void send(std::string_view bytes)
    {
        while (!bytes.empty())
            bytes.remove_prefix(check(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)));
    }

    /// Reads what has arrived, and waits where nothing has.
    ///
    /// Polled before it is read: who blocks in recv on a Unix socket is also woken when the server takes the bytes that
    /// were sent to it (measured: 1.9 instead of 1.0 context switches a query, and 0.6 µs more).
    void receive()
    {
        pollfd readable{socket_, POLLIN, 0};
        check(::poll(&readable, 1, -1));
        read();
    }

    /// Reads what has arrived.
    void read()
    {
        const answer::place room = received_.room();
        const std::size_t count = check(::recv(socket_, room.data, room.size, 0));
        if (count == 0)
            throw std::runtime_error{"the server hung up"};
        received_.commit(count);
    }

    /// Whether there is something to read.
    [[nodiscard]] bool has_arrived()
    {
        pollfd readable{socket_, POLLIN, 0};
        return check(::poll(&readable, 1, 0)) != 0;
    }

    /// Gives what has been read to `take`. @returns How many answers came to their end.
    template <class Take>
    std::size_t take(Take&& take)
    {
        std::size_t ended = 0;
        answered each{};
        while (received_.next(each))
            if (each.type == 'Z')
                ++ended;
            else
                take(each);
        return ended;
    }

    /// Reads answers to their end.
    template <class Take>
    void finish(Take&& each, std::size_t answers = 1)
    {
        do {
            receive();
            answers -= take(each);
        } while (answers != 0);
    }
    void finish()
    {
        finish([](const answered&) {});
    }

    /// One flight and its whole answer.
    template <class Take>
    void exchange(std::string_view bytes, Take&& each)
    {
        send(bytes);
        finish(each);
    }
    void exchange(std::string_view bytes)
    {
        exchange(bytes, [](const answered&) {});
    }

    /// Writes while it reads, so that neither side waits for the other; for what does not fit the socket's buffers.
    template <class Take>
    void exchange_both_ways(std::string_view bytes, Take&& each, std::size_t answers)
    {
        while (answers != 0) {
            pollfd ready{socket_, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
            check(::poll(&ready, 1, -1));
            if ((ready.revents & POLLOUT) != 0)
                bytes.remove_prefix(check(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT)));
            if ((ready.revents & POLLIN) != 0) {
                read();
                answers -= take(each);
            }
        }
    }

    void prepare(std::string_view sql) { exchange(parse("s", sql) + sync()); }

    [[nodiscard]] int socket() const noexcept { return socket_; }
    /// The socket, for somebody else to go on with.
    [[nodiscard]] int release() noexcept { return std::exchange(socket_, -1); }

private:
    void open(const options& to)
    {
        if (to.host.starts_with('/')) {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            const std::string path = to.host + "/.s.PGSQL." + to.port;
            if (path.size() >= sizeof address.sun_path)
                throw std::runtime_error{"the folder of the server's socket has too long a name"};
            std::memcpy(address.sun_path, path.data(), path.size());
            connect(AF_UNIX, address);
            return;
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(to.port)));
        if (::inet_pton(AF_INET, to.host.c_str(), &address.sin_addr) != 1)
            throw std::runtime_error{"this contender takes the folder of a socket or an IPv4 address as its host"};
        connect(AF_INET, address);
        const int on = 1;
        check(::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    }

    template <class Address>
    void connect(int family, const Address& address)
    {
        socket_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        check(socket_);
        check(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
    }

    template <std::signed_integral Result>
    static std::size_t check(Result result)
    {
        if (result < 0)
            throw std::system_error{errno, std::generic_category(), "the server's socket"};
        return static_cast<std::size_t>(result);
    }

    int socket_ = -1;
    answer received_;
};

/// A session with the point select's table made and its statement prepared.
inline session point_session(const options& to)
{
    session made{to};
    made.exchange(query(make_table));
    made.prepare(select_one);
    return made;
}

} // namespace bench::wire
