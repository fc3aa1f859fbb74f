// The floor's bytes through a bare Asio loop: a non-blocking write, then an asynchronous read, in plain callbacks. It
// is what Asio costs, and so the least that a driver on Asio can cost.

#include "wire_session.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace {

/// What the connections share: each takes the next query when it has read the answer to one.
struct task {
    std::size_t queries = 0;
    std::size_t sent = 0;
    bench::checksum sum;
};

class connection
{
public:
    connection(asio::io_context& context, const bench::options& given, task& todo)
        : socket_{context, asio::local::stream_protocol{}, bench::wire::point_session(given).release()}, todo_{&todo}
    {
        socket_.non_blocking(true);
    }

    void send()
    {
        if (todo_->sent == todo_->queries)
            return;
        const std::string_view bytes = flight_.to(bench::id_of(todo_->sent++));
        if (socket_.write_some(asio::buffer(bytes)) != bytes.size())
            throw std::runtime_error{"the server does not take what is sent"};
        read();
    }

private:
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
                bench::wire::add_point(each.body, todo_->sum);
            ended = each.type == 'Z';
        }
        if (ended)
            send();
        else
            read();
    }

    asio::local::stream_protocol::socket socket_;
    bench::wire::flight flight_;
    bench::wire::answer received_;
    task* todo_;
};

template <std::size_t Connections>
bench::measurement point_select(const bench::options& given)
{
    asio::io_context context{1};
    task todo;
    std::vector<std::unique_ptr<connection>> connections;
    for (std::size_t i = 0; i < Connections; ++i)
        connections.push_back(std::make_unique<connection>(context, given, todo));
    const auto run = [&](std::size_t queries) {
        todo = {queries, 0, {}};
        context.restart();
        for (const auto& each : connections)
            each->send();
        context.run();
    };
    run(bench::warm_up * Connections);
    const bench::stopwatch watch;
    run(given.operations);
    return watch.stop(todo.sum);
}

const bench::work one{"point_select", point_select<1>};
const bench::work ten{"point_select_10", point_select<bench::connection_count>};

} // namespace
