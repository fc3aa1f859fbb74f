#pragma once

#include "wire_session.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error_code.hpp>
#include <asio/local/stream_protocol.hpp>

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bench {

/// A session of the point selects through a bare Asio loop: a non-blocking write, then asynchronous reads in plain
/// callbacks until all of the answer is there.
class asio_session
{
public:
    asio_session(const asio::any_io_executor& executor, const options& given)
        : socket_{executor, asio::local::stream_protocol{}, wire::point_session(given).release()}
    {
        socket_.non_blocking(true);
    }

    /// @param owner  Is told of each row (`on_row`), and of the end (`on_answered`), where it may ask again.
    template <class Owner>
    void ask(std::string_view bytes, Owner& owner)
    {
        if (socket_.write_some(asio::buffer(bytes)) != bytes.size())
            throw std::runtime_error{"the server does not take what is sent"};
        read(owner);
    }

    void cancel() { socket_.cancel(); }

private:
    template <class Owner>
    void read(Owner& owner)
    {
        const wire::answer::place room = received_.room();
        socket_.async_read_some(
            asio::buffer(room.data, room.size),
            [this, &owner](const asio::error_code& error, std::size_t count) { on_read(error, count, owner); });
    }

    template <class Owner>
    void on_read(const asio::error_code& error, std::size_t count, Owner& owner)
    {
        if (error)
            throw std::system_error{error, "the server's socket"};
        received_.commit(count);
        bool ended = false;
        wire::answered each{};
        while (received_.next(each)) {
            if (each.type == 'D')
                owner.on_row(each);
            ended = each.type == 'Z';
        }
        if (ended)
            owner.on_answered();
        else
            read(owner);
    }

    asio::local::stream_protocol::socket socket_;
    wire::answer received_;
};

} // namespace bench
