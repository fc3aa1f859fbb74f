#pragma once

#include "connection/operation.hpp"
#include "connection/statement.hpp"
#include "connection/type_lookup.hpp"

#include <tusk/driver/detail/parameter.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::detail {

class parameter_source;

/// Many executions under one Sync: all of them or none.
///
/// They are written piece by piece while the answers to the first ones come in already, so any number of them takes
/// bounded memory. What is not prepared yet is prepared first, all of it in one flight.
///
/// When one fails on the server, the others are undone with it: outside a transaction by the implicit transaction that
/// a Sync ends, inside one by a savepoint. When a value cannot be encoded half-way, what was sent already is rolled
/// back in the same flight.
class batch_operation : public operation
{
public:
    explicit batch_operation(target where) : operation{std::move(where)} { takes_whole_answers = true; }

    [[nodiscard]] std::string_view name() const noexcept override { return "batch"; }
    void check(engine& at) override;
    staging stage(engine& at) override;
    bool stage_more(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_rows(const arrived_rows& run) override;
    void receive_usual(std::size_t count) override;
    bool settle(engine& at, char status) override;
    bool release_waiting() override;
    /// What undoes must not be stopped half-way.
    [[nodiscard]] bool can_be_cancelled() const noexcept override { return !undoing_; }

protected:
    /// One execution.
    struct item {
        const std::shared_ptr<statement>* with = nullptr;
        std::span<const parameter> parameters;
        parameter_source* from = nullptr; ///< Has them instead, and can write many at once.
    };

    /// The statements that will be needed. Called again when one of them was being prepared by somebody else.
    virtual std::vector<std::shared_ptr<statement>> statements(engine& at) = 0;
    /// The next execution, valid until it is asked again; false at the end.
    virtual bool next(item& into) = 0;
    /// The statement of the execution at that position.
    virtual statement& statement_at(std::size_t position) = 0;
    /// Its answer, by its position.
    virtual void receive_rows_of(std::size_t position, const arrived_rows& run) = 0;
    virtual void receive_tag_of(std::size_t position, std::string_view tag) = 0;
    /// Another answer like the last one has nothing new: it only told of rows that were changed.
    [[nodiscard]] bool may_repeat_answer() const noexcept { return !last_complete_.empty(); }
    /// So many more elements had the same answer.
    virtual void receive_same_tag(std::size_t /*count*/) {}
    /// Inside a transaction it is undone alone when it fails. Otherwise the transaction has failed with it, and when
    /// what failed was on this side, the server is made to fail.
    [[nodiscard]] virtual bool has_own_savepoint() const noexcept { return true; }
    /// It was the one that failed.
    virtual void failed_at(std::size_t /*position*/) {}
    /// The preparation failed.
    virtual void failed_to_prepare(const statement& /*which*/) {}

private:
    [[nodiscard]] bool prepare(engine& at);
    [[nodiscard]] staging look_up_types(engine& at, const std::vector<std::shared_ptr<statement>>& of);
    bool settle_lookup(engine& at, char status);
    bool write_items(engine& at);
    bool write_alike(engine& at);
    void write_item(engine& at, const item& what);
    void stage_savepoint(engine& at);
    void write_end(engine& at, bool keep);
    void receive_execution(engine& at, const protocol::backend_message& message);
    void receive_description(engine& at, std::shared_ptr<const column_list> columns);
    void receive_error(engine& at, const protocol::backend_message& message);

    std::unique_ptr<type_lookup> lookup_; ///< This flight asks for types; null for any other.
    bool looked_up_ = false;
    std::vector<std::shared_ptr<statement>> preparing_;
    std::size_t described_ = 0;
    item item_;
    const statement* parsed_ = nullptr; ///< The unnamed statement that this flight has parsed last.
    bool has_item_ = false;
    bool running_ = false;            ///< This flight holds executions.
    bool undoing_ = false;            ///< This flight undoes what a failure left.
    bool savepoint_ = false;          ///< One was written and not ended.
    bool savepoint_was_sent_ = false; ///< … in a flight that was complete.
    bool spoiled_ = false;            ///< The flight ends with a command that makes the transaction fail.
    std::size_t written_ = 0;
    std::size_t answered_ = 0;
    std::string last_complete_; ///< The last CommandComplete, where it only told of rows that were changed.
};

} // namespace tusk::detail
