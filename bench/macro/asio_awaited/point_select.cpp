// The floor's bytes through Asio, awaited: what a driver costs at least whose verbs are awaitables, own what they were
// given, can be cancelled, and give results that own their bytes. One block of memory for the request and one for the
// result, one coroutine frame, one read loop of callbacks; no queue, no cache, no types, no checks.

#include "wire_session.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

/// The row of an answer, in a block of its own.
struct result {
    char bytes[256];
    std::size_t size;
};
using result_ptr = std::unique_ptr<result>;

/// Whoever waits, and what for.
struct request {
    explicit request(std::int64_t asked) : id{asked} {}
    virtual ~request() = default;
    virtual void complete(std::unique_ptr<request> self, result_ptr rows) = 0;
    std::int64_t id;
};

class connection
{
public:
    connection(const asio::any_io_executor& executor, const bench::options& given)
        : socket_{executor, asio::local::stream_protocol{}, bench::wire::point_session(given).release()}
    {
        socket_.non_blocking(true);
    }

    [[nodiscard]] asio::awaitable<result_ptr> query(std::int64_t id)
    {
        return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, result_ptr)>(
            [this](auto handler, std::int64_t asked) {
                using handler_type = decltype(handler);
                struct kept final : request {
                    kept(std::int64_t what, handler_type whose) : request{what}, handler{std::move(whose)} {}
                    void complete(std::unique_ptr<request> self, result_ptr rows) override
                    {
                        handler_type taken = std::move(handler);
                        self.reset();
                        std::move(taken)(std::exception_ptr{}, std::move(rows));
                    }
                    handler_type handler;
                };
                auto slot = asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected())
                    slot.assign([this](asio::cancellation_type) { socket_.cancel(); });
                start(std::make_unique<kept>(asked, std::move(handler)));
            },
            asio::use_awaitable, id);
    }

private:
    void start(std::unique_ptr<request> what)
    {
        const std::string_view bytes = flight_.to(what->id);
        waiting_ = std::move(what);
        if (in_handler_)
            unsent_ = bytes;
        else
            send(bytes);
    }

    void send(std::string_view bytes)
    {
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
            if (each.type == 'D') {
                rows_ = std::make_unique_for_overwrite<result>();
                rows_->size = std::min(each.size, sizeof rows_->bytes);
                std::memcpy(rows_->bytes, each.body, rows_->size);
            }
            ended = each.type == 'Z';
        }
        if (!ended) {
            read();
            return;
        }
        in_handler_ = true;
        request& done = *waiting_;
        done.complete(std::move(waiting_), std::move(rows_));
        in_handler_ = false;
        if (waiting_)
            send(std::exchange(unsent_, {}));
    }

    asio::local::stream_protocol::socket socket_;
    bench::wire::flight flight_;
    bench::wire::answer received_;
    std::unique_ptr<request> waiting_;
    std::string_view unsent_;
    result_ptr rows_;
    bool in_handler_ = false;
};

/// What the callers share: each takes the next query when it has the answer to one.
struct task {
    std::size_t queries = 0;
    std::size_t sent = 0;
    bench::checksum sum;
};

asio::awaitable<void> call(connection& at, task& todo)
{
    while (todo.sent != todo.queries) {
        const result_ptr row = co_await at.query(bench::id_of(todo.sent++));
        bench::wire::add_point(row->bytes, todo.sum);
    }
}

template <std::size_t Connections>
bench::measurement point_select(const bench::options& given)
{
    asio::io_context context{1};
    std::vector<std::unique_ptr<connection>> connections;
    for (std::size_t i = 0; i < Connections; ++i)
        connections.push_back(std::make_unique<connection>(context.get_executor(), given));
    task todo;
    const auto run = [&](std::size_t queries) {
        todo = {queries, 0, {}};
        context.restart();
        for (const auto& each : connections)
            asio::co_spawn(context, call(*each, todo), [](const std::exception_ptr& failed) {
                if (failed)
                    std::rethrow_exception(failed);
            });
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
