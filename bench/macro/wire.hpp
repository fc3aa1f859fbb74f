#pragma once

#include "workload.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <concepts>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// As much of PostgreSQL's protocol as the point select needs, for the contenders that have no driver: no error
/// handling beyond giving up, no authentication but trust, no types but the two of the one table.
namespace bench::wire {

template <std::unsigned_integral Int>
Int swapped(Int value) noexcept
{
    static_assert(std::endian::native == std::endian::little);
    if constexpr (sizeof(Int) == 8)
        return __builtin_bswap64(value);
    else if constexpr (sizeof(Int) == 4)
        return __builtin_bswap32(value);
    else
        return __builtin_bswap16(value);
}

template <std::unsigned_integral Int>
Int load(const char* from) noexcept
{
    Int value{};
    std::memcpy(&value, from, sizeof value);
    return swapped(value);
}

template <std::unsigned_integral Int>
std::string number(Int value)
{
    const Int big_endian = swapped(value);
    std::string bytes(sizeof big_endian, '\0');
    std::memcpy(bytes.data(), &big_endian, sizeof big_endian);
    return bytes;
}

inline std::string zero_ended(std::string_view text) { return std::string{text} + '\0'; }

/// A message of a type, or the start-up message, which has none.
inline std::string message(std::string_view type, const std::string& body)
{
    return std::string{type} + number(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

/// Reads answers up to ReadyForQuery, and keeps an eye on the row in between.
class answer
{
public:
    /// Where the next bytes go.
    [[nodiscard]] std::span<char> room()
    {
        if (end_ == bytes_.size())
            throw std::runtime_error{"the answer is longer than anything that was asked for"};
        return std::span{bytes_}.subspan(end_);
    }

    /// Takes what was read. @returns whether the answer is complete.
    bool commit(std::size_t count)
    {
        end_ += count;
        while (end_ - at_ >= header && end_ - at_ >= size_of_message()) {
            const char type = bytes_[at_];
            if (type == 'D')
                row_ = &bytes_[at_ + header];
            else if (type == 'E')
                throw std::runtime_error{"the server refused it"};
            else if (type == 'R' && load<std::uint32_t>(&bytes_[at_ + header]) != 0)
                throw std::runtime_error{"the server wants a password, and only trust is spoken here"};
            at_ += size_of_message();
            if (type == 'Z') {
                at_ = end_ = 0;
                return true;
            }
        }
        return false;
    }

    /// The last row of the last answer, which has the columns of the one table.
    void add_to(checksum& sum) const
    {
        const char* id = row_ + 2 + 4;
        sum.add(static_cast<std::int64_t>(load<std::uint64_t>(id)), load<std::uint32_t>(id + 8));
    }

private:
    static constexpr std::size_t header = 5;

    [[nodiscard]] std::size_t size_of_message() const { return 1 + load<std::uint32_t>(&bytes_[at_ + 1]); }

    std::array<char, 16 * 1024> bytes_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    const char* row_ = nullptr;
};

/// Bind, Execute and Sync of the one statement, encoded once; only the id in it changes.
class flight
{
public:
    flight()
    {
        const std::string one_binary = number<std::uint16_t>(1) + number<std::uint16_t>(1);
        const std::string before = zero_ended("") + zero_ended("s") + one_binary + number<std::uint16_t>(1) +
                                   number<std::uint32_t>(sizeof(std::uint64_t));
        at_id_ = 5 + before.size();
        bytes_ = message("B", before + number<std::uint64_t>(0) + one_binary) +
                 message("E", zero_ended("") + number<std::uint32_t>(0)) + message("S", {});
    }

    [[nodiscard]] std::string_view to(std::int64_t id)
    {
        const auto big_endian = swapped(static_cast<std::uint64_t>(id));
        std::memcpy(&bytes_[at_id_], &big_endian, sizeof big_endian);
        return bytes_;
    }

private:
    std::string bytes_;
    std::size_t at_id_ = 0;
};

/// A blocking session by Unix socket, with the table made and the statement prepared.
class session
{
public:
    explicit session(const options& to) : socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = to.host + "/.s.PGSQL." + to.port;
        if (!to.host.starts_with('/') || path.size() >= sizeof address.sun_path)
            throw std::runtime_error{"this contender needs the folder of the server's Unix socket as its host"};
        std::memcpy(address.sun_path, path.data(), path.size());
        check(socket_);
        check(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
        exchange(message("", number<std::uint32_t>(3U << 16U) + zero_ended("user") + zero_ended(to.user) +
                                 zero_ended("database") + zero_ended(to.database) + '\0'));
        exchange(message("Q", zero_ended(make_table)));
        exchange(message("P", zero_ended("s") + zero_ended(select_one) + number<std::uint16_t>(0)) + message("S", {}));
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session()
    {
        if (socket_ >= 0)
            ::close(socket_);
    }

    /// One flight and its whole answer.
    ///
    /// Polled before it is read: who blocks in recv on a Unix socket is also woken when the server takes the bytes that
    /// were sent to it (measured: 1.9 instead of 1.0 context switches a query, and 0.6 µs more).
    void exchange(std::string_view bytes)
    {
        if (check(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)) != bytes.size())
            throw std::runtime_error{"the server does not take what is sent"};
        std::size_t count = 0;
        do {
            pollfd readable{socket_, POLLIN, 0};
            check(::poll(&readable, 1, -1));
            const std::span<char> room = received_.room();
            count = check(::recv(socket_, room.data(), room.size(), 0));
            if (count == 0)
                throw std::runtime_error{"the server hung up"};
        } while (!received_.commit(count));
    }

    [[nodiscard]] const answer& received() const noexcept { return received_; }

    /// The socket, for somebody else to go on with.
    [[nodiscard]] int release() noexcept { return std::exchange(socket_, -1); }

private:
    template <std::signed_integral Result>
    static std::size_t check(Result result)
    {
        if (result < 0)
            throw std::system_error{errno, std::generic_category(), "the server's socket"};
        return static_cast<std::size_t>(result);
    }

    int socket_;
    answer received_;
};

} // namespace bench::wire
