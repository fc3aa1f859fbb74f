// The floor's bytes through Asio, awaited: what a driver costs at least whose verbs are awaitables, own what they were
// given, can be cancelled, and give results that own their bytes. One block of memory for the request and one for the
// result, one coroutine frame, one read loop of callbacks; no queue, no cache, no types, no checks.

#include "asio_session.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
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
    connection(const asio::any_io_executor& executor, const bench::options& given) : session_{executor, given} {}

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
                    slot.assign([this](asio::cancellation_type) { session_.cancel(); });
                start(std::make_unique<kept>(asked, std::move(handler)));
            },
            asio::use_awaitable, id);
    }

    void on_row(const bench::wire::answered& row)
    {
        row_ = std::make_unique_for_overwrite<result>();
        row_->size = std::min(row.size, sizeof row_->bytes);
        std::memcpy(row_->bytes, row.body, row_->size);
    }

    void on_answered()
    {
        in_handler_ = true;
        request& done = *waiting_;
        done.complete(std::move(waiting_), std::move(row_));
        in_handler_ = false;
        if (waiting_)
            session_.ask(unsent_, *this);
    }

private:
    void start(std::unique_ptr<request> what)
    {
        unsent_ = flight_.to(what->id);
        waiting_ = std::move(what);
        if (!in_handler_) // its end sends
            session_.ask(unsent_, *this);
    }

    bench::asio_session session_;
    bench::wire::flight flight_;
    std::unique_ptr<request> waiting_;
    std::string_view unsent_;
    result_ptr row_;
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
