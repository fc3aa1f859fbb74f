// The floor's bytes through a bare Asio loop: a non-blocking write, then an asynchronous read, in plain callbacks. It
// is what Asio costs, and so the least that a driver on Asio can cost.

#include "wire_session.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <stdexcept>
#include <system_error>

namespace {

class round_trips
{
public:
    explicit round_trips(const bench::options& given)
        : socket_{context_, asio::local::stream_protocol{}, bench::wire::point_session(given).release()}
    {
        socket_.non_blocking(true);
    }

    bench::checksum run(std::size_t queries)
    {
        sum_ = {};
        sent_ = 0;
        queries_ = queries;
        context_.restart();
        send();
        context_.run();
        return sum_;
    }

private:
    void send()
    {
        const std::string_view bytes = flight_.to(bench::id_of(sent_++));
        if (socket_.write_some(asio::buffer(bytes)) != bytes.size())
            throw std::runtime_error{"the server does not take what is sent"};
        read();
    }

    void read()
    {
        const bench::wire::answer::place room = received_.room();
        socket_.async_read_some(asio::buffer(room.data, room.size),
                                [this](const asio::error_code& error, std::size_t count) { on_read(error, count); });
    }

    void on_read(const asio::error_code& error, std::size_t count)
    {
        if (error)
            throw std::system_error{error, "the server's socket"};
        received_.commit(count);
        bool ended = false;
        bench::wire::answered each{};
        while (received_.next(each)) {
            if (each.type == 'D')
                bench::wire::add_point(each.body, sum_);
            ended = each.type == 'Z';
        }
        if (!ended)
            read();
        else if (sent_ != queries_)
            send();
    }

    asio::io_context context_{1};
    asio::local::stream_protocol::socket socket_;
    bench::wire::flight flight_;
    bench::wire::answer received_;
    bench::checksum sum_;
    std::size_t sent_ = 0;
    std::size_t queries_ = 0;
};

bench::measurement point_select(const bench::options& given)
{
    round_trips all{given};
    all.run(bench::warm_up);
    const bench::stopwatch watch;
    const bench::checksum sum = all.run(given.operations);
    return watch.stop(sum);
}

const bench::work known{"point_select", point_select};

} // namespace
