#include "loading/flush_before.hpp"
#include "loading/load_related.hpp"
#include "loading/prepared_statement.hpp"
#include "loading/raw_query.hpp"
#include "loading/result_reader.hpp"
#include "unit_of_work/session_state.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/stream_access.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/row_stream.hpp>
#include <tusk/orm/row_batches.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/detail/run.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace tusk::orm::detail {

namespace {

class portal final : public statement_stream
{
public:
    portal(std::shared_ptr<session_state> on, statement_ptr what, row_stream rows)
        : on_{std::move(on)}, what_{std::move(what)}, rows_{std::move(rows)}
    {
        for (std::size_t i = 0; i < what_->made.result_count; ++i)
            came.first_columns.push_back(what_->made.outputs[i].first_column);
        came.batch = &rows_;
    }

    asio::awaitable<bool> next() override
    {
        tusk::detail::session_use use = on_->use();
        came.count = 0;
        came.entities.clear();
        bool there_are_more = false;
        try {
            there_are_more = co_await rows_.next_batch();
        } catch (...) {
            use.note(std::current_exception());
            throw;
        }
        if (!there_are_more)
            co_return false;
        const entity_store::keep_all meanwhile{on_->store()};
        std::vector<load_task> tasks = read_entities();
        if (!tasks.empty())
            co_await load_related(*on_, use, std::move(tasks));
        co_return true;
    }

private:
    std::vector<load_task> read_entities()
    {
        if (what_->by_name && !matched_)
            matched_.emplace(match_by_name(what_->made, rows_.columns()));
        result_reader reader{on_->store(), matched_ ? *matched_ : what_->made, rows_.columns(), on_known::keep};
        reader.expect(rows_.size());
        for (const row_view row : rows_)
            reader.read(row);
        std::vector<load_task> tasks;
        reader.finish(tasks);
        came.entities = reader.take_results();
        came.count = rows_.size();
        return tasks;
    }

    std::shared_ptr<session_state> on_;
    statement_ptr what_;
    row_stream rows_;
    std::optional<compiled_statement> matched_;
};

} // namespace

void refuse_joined_collection(const statement_ptr& what)
{
    if (what->made.repeats_entities)
        throw usage_error{"a stream cannot join a collection to its rows, as a batch could end inside it: load it with "
                          "selectinload, which runs batch by batch"};
}

asio::awaitable<std::unique_ptr<statement_stream>> open_stream(std::shared_ptr<session_state> on, statement_ptr what,
                                                               std::int32_t batch, std::source_location who)
{
    tusk::detail::session_use use = on->use();
    if (must_flush_before(*on, *what))
        co_await on->flush(use);
    tusk::detail::request_ptr made =
        tusk::detail::make_request(tusk::detail::target{}, tusk::detail::verb::stream,
                                   tusk::detail::session_access::said(on->sql(), what->made.sql), what->made.listed());
    tusk::detail::set_fetch_size(made, batch);
    row_stream rows =
        co_await tusk::detail::run_within<row_stream, tusk::detail::take_stream>(use, std::move(made), who);
    co_return std::make_unique<portal>(std::move(on), std::move(what), std::move(rows));
}

} // namespace tusk::orm::detail
