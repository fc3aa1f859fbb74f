// The floor's bytes through a bare Asio loop: a non-blocking write, then an asynchronous read, in plain callbacks. It
// is what Asio costs, and so the least that a driver on Asio can cost.

#include "asio_session.hpp"

#include <asio/io_context.hpp>

#include <cstddef>
#include <memory>
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
        : session_{context.get_executor(), given}, todo_{&todo}
    {
    }

    void send()
    {
        if (todo_->sent != todo_->queries)
            session_.ask(flight_.to(bench::id_of(todo_->sent++)), *this);
    }

    void on_row(const bench::wire::answered& row) { bench::wire::add_point(row.body, todo_->sum); }
    void on_answered() { send(); }

private:
    bench::asio_session session_;
    bench::wire::flight flight_;
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
