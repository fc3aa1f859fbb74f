// One statement for many sets of parameters.
#include "connection/batch.hpp"
#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/statement_operation.hpp"
#include "protocol/backend.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/parameter_source.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

namespace {

class many_operation final : public batch_operation
{
public:
    many_operation(target where, std::string_view sql, std::unique_ptr<parameter_source> source)
        : batch_operation{std::move(where)}, sql_{sql}, source_{std::move(source)}
    {
    }

    [[nodiscard]] std::string_view sql() const noexcept override { return sql_; }

private:
    std::vector<std::shared_ptr<statement>> statements(engine& at) override
    {
        if (!statement_ || statement_->now == statement::state::broken)
            statement_ = at.statements().get(sql_, declared_types_of(source_->current()));
        return {statement_};
    }

    statement& statement_at(std::size_t /*position*/) override { return *statement_; }

    bool next(item& into) override
    {
        into.with = &statement_;
        into.from = source_.get();
        return source_->advance();
    }

    result_data& rows()
    {
        if (!data)
            data = std::make_unique<result_data>();
        data->columns = statement_->columns;
        return *data;
    }

    void receive_rows_of(std::size_t /*position*/, const arrived_rows& run) override
    {
        rows().rows.append(run, rows().column_span().size());
    }

    void receive_tag_of(std::size_t /*position*/, std::string_view text) override
    {
        // Most elements have the same effect as the one before.
        if (text != last_tag_) {
            last_tag_ = text;
            usual_answer_ = protocol::answer_without_rows(text);
            const command_tag one{text};
            last_rows_ = one.rows_affected();
            command_ = one.command();
        }
        total_ += last_rows_;
    }

    [[nodiscard]] std::span<const std::byte> usual_answer() const noexcept override
    {
        return may_repeat_answer() ? usual_answer_.bytes() : std::span<const std::byte>{};
    }

    void receive_same_tag(std::size_t count) override { total_ += count * last_rows_; }

    void ended(engine& /*at*/) noexcept override
    {
        if (!why && !data) // there were no rows, or not even an element
            data = std::make_unique<result_data>();
        if (!why && !command_.empty())
            rows().tag = command_tag{fmt::format("{}{}{}", command_, command_ == "INSERT" ? " 0 " : " ", total_)};
        statement_.reset();
    }

    std::string sql_;
    std::unique_ptr<parameter_source> source_;
    std::shared_ptr<statement> statement_;
    std::string command_;
    std::string last_tag_;
    byte_writer usual_answer_;
    std::uint64_t last_rows_ = 0;
    std::uint64_t total_ = 0;
};

} // namespace

request_ptr make_many(const target& to, std::string_view sql, std::unique_ptr<parameter_source> source)
{
    check_sql(sql);
    return request_ptr{new many_operation{to, sql, std::move(source)}};
}

} // namespace tusk::detail
