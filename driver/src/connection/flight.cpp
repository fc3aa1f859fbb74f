// Executions of several statements in one flight.
#include "connection/batch.hpp"
#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/statement_operation.hpp"

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/flight.hpp>
#include <tusk/driver/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::detail {

namespace {

class flight_operation final : public batch_operation
{
public:
    flight_operation(target where, std::vector<flight_statement> of, std::unique_ptr<flight_source> source,
                     std::shared_ptr<flight_answer> answer)
        : batch_operation{std::move(where)},
          texts_{std::move(of)},
          source_{std::move(source)},
          answer_{std::move(answer)}
    {
        statements_.resize(texts_.size());
        answer_->statements.resize(texts_.size());
        for (const flight_statement& each : texts_) {
            all_ += all_.empty() ? "" : "; ";
            all_ += each.sql;
        }
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "flight"; }
    [[nodiscard]] std::string_view sql() const noexcept override { return all_; }

private:
    /// The transaction is the caller's to undo: a savepoint would be two statements more.
    [[nodiscard]] bool has_own_savepoint() const noexcept override { return false; }

    std::vector<std::shared_ptr<statement>> statements(engine& at) override
    {
        for (std::size_t i = 0; i < texts_.size(); ++i)
            if (!statements_[i] || statements_[i]->now == statement::state::broken)
                statements_[i] = at.statements().get(texts_[i].sql, texts_[i].declared);
        // Two may have the same text.
        std::vector<std::shared_ptr<statement>> needed;
        for (const auto& each : statements_)
            if (std::ranges::find(needed, each) == needed.end())
                needed.push_back(each);
        return needed;
    }

    statement& statement_at(std::size_t position) override { return *statements_[which_[position]]; }

    bool next(item& into) override
    {
        std::size_t which = 0;
        if (!source_->next(which, into.parameters))
            return false;
        which_.push_back(static_cast<std::uint32_t>(which));
        into.with = &statements_[which];
        return true;
    }

    void receive_rows_of(std::size_t position, const arrived_rows& run) override
    {
        const statement& of = statement_at(position);
        if (!of.columns)
            throw protocol_error{"the server sent rows for a statement that it had described as returning none, so the "
                                 "connection is closed"};
        std::unique_ptr<flight_answer::rows>& into = answer_->statements[which_[position]];
        if (!into)
            into = std::make_unique<flight_answer::rows>();
        into->columns = of.columns;
        into->store.append(run, of.columns->size());
    }

    void receive_tag_of(std::size_t /*position*/, std::string_view tag) override
    {
        answer_->affected.push_back(static_cast<std::uint32_t>(command_tag{tag}.rows_affected()));
    }

    void failed_at(std::size_t position) override { answer_->failed_at = position; }

    void failed_to_prepare(const statement& which) override
    {
        for (std::size_t i = 0; i < statements_.size(); ++i)
            if (statements_[i].get() == &which)
                answer_->unprepared = i;
    }

    void ended(engine& /*at*/) noexcept override { statements_.clear(); }

    std::vector<flight_statement> texts_;
    std::string all_; ///< For observers.
    std::unique_ptr<flight_source> source_;
    std::shared_ptr<flight_answer> answer_;
    std::vector<std::shared_ptr<statement>> statements_;
    std::vector<std::uint32_t> which_; ///< The statement of each execution.
};

} // namespace

request_ptr make_flight(const target& to, std::vector<flight_statement> statements,
                        std::unique_ptr<flight_source> source, std::shared_ptr<flight_answer> answer)
{
    for (const flight_statement& each : statements)
        check_sql(each.sql);
    return request_ptr{new flight_operation{to, std::move(statements), std::move(source), std::move(answer)}};
}

} // namespace tusk::detail
