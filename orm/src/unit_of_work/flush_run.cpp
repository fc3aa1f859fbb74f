#include "unit_of_work/flush_run.hpp"

#include "unit_of_work/flight_parameters.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/relation_sides.hpp"

#include <tusk/driver/conditions.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/orm/error.hpp>

#include <fmt/format.h>

#include <exception>
#include <span>
#include <utility>

namespace tusk::orm::detail {

namespace {

using tusk::detail::flight_answer;

struct take_done {
    static bool from(tusk::detail::request& /*done*/) { return true; }
};

std::string_view doing(flush_action what) noexcept
{
    switch (what) {
    case flush_action::insert: return "inserting";
    case flush_action::update: return "updating";
    case flush_action::remove: return "deleting";
    case flush_action::link: return "linking, by a row of a secondary table,";
    case flush_action::unlink: return "unlinking, by a row of a secondary table,";
    case flush_action::find_far:
    case flush_action::remove_far: return "deleting rows that refer to what is deleted:";
    case flush_action::release_far: return "releasing rows that refer to what is deleted:";
    case flush_action::settle: break;
    }
    return "preparing";
}

/// Field after field of a row.
class field_cursor
{
public:
    explicit field_cursor(const std::byte* at) noexcept : at_{at} {}

    /// @returns False for NULL.
    bool next(std::span<const std::byte>& bytes) noexcept
    {
        const auto length = tusk::detail::load_big_endian<std::int32_t>(at_);
        at_ += sizeof length;
        bytes = {at_, length < 0 ? std::size_t{0} : static_cast<std::size_t>(length)};
        at_ += bytes.size();
        return length >= 0;
    }

private:
    const std::byte* at_;
};

std::string text_of(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void fail_stale(const flush_statement& of, const entity_record& entity)
{
    if (of.what == flush_action::insert)
        throw stale_data_error{
            fmt::format("{}: its INSERT into {} inserted no row; a trigger or a rule of the table has "
                        "swallowed it",
                        described(entity), of.table->name())};
    throw stale_data_error{
        fmt::format("{} {}: its row was not found{}. Somebody else has deleted or changed it since it was loaded. "
                    "co_await rollback(), load it again, and decide anew",
                    doing(of.what), described(entity),
                    of.table->version() != nullptr ? " in the version that this session knows" : "")};
}

} // namespace

flush_run::flush_run(entity_store& store, undo_log& log, prototypes& made)
    : store_{store}, log_{log}, prototypes_{made}, planner_{store, journal_, made}
{
}

bool flush_run::plan()
{
    try {
        planner_.plan();
    } catch (...) {
        take_back();
        throw;
    }
    return !planner_.levels().empty() || !planner_.deletes().empty() || !planner_.early_deletes().empty() ||
           !planner_.switches().empty() || !planner_.dropped().empty();
}

asio::awaitable<void> flush_run::run(const tusk::detail::session_use& use)
{
    std::vector<entity_record*> taken_over;
    for (const flush_planner::row_switch& each : planner_.switches())
        taken_over.push_back(each.instead);
    if (!planner_.early_deletes().empty() || !taken_over.empty())
        co_await remove_rows(use, planner_.early_deletes(), taken_over);
    for (flush_level& each : planner_.levels()) {
        sent_.push_back(std::make_unique<flush_level>(std::move(each)));
        co_await send(use, *sent_.back());
        ++answered_;
    }
    if (!planner_.deletes().empty())
        co_await remove_rows(use, planner_.deletes(), {});
}

// ---- One flight.

asio::awaitable<void> flush_run::send(const tusk::detail::session_use& use, flush_level& level)
{
    for (const foreign_key_link& each : level.links)
        fill_in_foreign_key(each, journal_);
    if (!use.is_open())
        co_await use.open();
    const auto answer = std::make_shared<flight_answer>();
    answer->affected.reserve(level.steps.size());
    tusk::detail::request_ptr made = tusk::detail::make_flight(tusk::detail::target{}, statements_of(level),
                                                               std::make_unique<level_source>(level), answer);
    made->to = use.where();
    outcome<bool> came = co_await tusk::detail::await_outcome<bool, take_done>(std::move(made));
    if (came.failed())
        fail(level, *answer, came.error());
    take_answers(level, *answer);
}

void flush_run::fail(const flush_level& level, const flight_answer& answer, const failure& why) const
{
    std::string where;
    std::string sql;
    if (answer.failed_at != flight_answer::nobody && answer.failed_at < level.steps.size()) {
        const flush_step& step = level.steps[answer.failed_at];
        const flush_statement& statement = level.statements[step.statement];
        sql = statement.sql;
        where = fmt::format("while {} {}", doing(statement.what),
                            step.entity != nullptr ? described(*step.entity) : statement.table->name());
        if (const std::size_t behind = level.steps.size() - answer.failed_at - 1; behind != 0)
            where += fmt::format("; {} row(s) behind it were not executed", behind);
    } else if (answer.unprepared != flight_answer::nobody) {
        sql = level.statements[answer.unprepared].sql;
        where = fmt::format("while preparing: {}", sql);
    }
    if (why.fields() != nullptr)
        failure{std::make_shared<error_fields>(*why.fields()), std::move(sql),
                where + ". Nothing of the flush was kept; co_await rollback() on the session"}
            .raise();
    try {
        why.raise();
    } catch (const encode_error& refused) {
        throw encode_error{fmt::format("{}: {}", where, refused.what())};
    }
}

void flush_run::take_answers(const flush_level& level, const flight_answer& answer)
{
    struct taken {
        std::size_t row = 0;
        std::vector<std::unique_ptr<field_reader>> readers;
    };
    std::vector<taken> of(level.statements.size());
    for (std::size_t i = 0; i < level.steps.size(); ++i) {
        level.look_ahead_from(i);
        const flush_step& step = level.steps[i];
        const flush_statement& statement = level.statements[step.statement];
        const std::uint32_t affected = answer.affected[i];
        taken& its = of[step.statement];
        const bool is_single = statement.what == flush_action::insert || statement.what == flush_action::update ||
                               statement.what == flush_action::remove;
        if (is_single && affected == 0 &&
            !(statement.what == flush_action::remove && removed_keys_.contains({step.entity->table, step.entity->key})))
            fail_stale(statement, *step.entity);
        if (!statement.returning.empty() && affected != 0) {
            const flight_answer::rows& rows = *answer.statements[step.statement];
            if (is_single && its.readers.empty())
                for (std::size_t column = 0; column < statement.returning.size(); ++column)
                    its.readers.push_back(statement.returning[column]->operations.reader((*rows.columns)[column]));
            for (std::uint32_t row = 0; row < affected; ++row) {
                const std::byte* fields = rows.store[its.row++];
                if (is_single)
                    take_row(statement, step, fields, its.readers);
                else
                    take_far_row(statement, fields);
            }
        }
        if (statement.what == flush_action::update)
            updated_.push_back(step.entity);
        else if (statement.what == flush_action::remove)
            removed_.push_back(step.entity);
    }
}

void flush_run::take_row(const flush_statement& of, const flush_step& step, const std::byte* fields,
                         std::span<const std::unique_ptr<field_reader>> readers)
{
    field_cursor cursor{fields};
    for (std::size_t i = 0; i < of.returning.size(); ++i) {
        const column_info& column = *of.returning[i];
        std::span<const std::byte> bytes;
        const bool is_there = cursor.next(bytes);
        if (of.what != flush_action::insert) // of a new entity it is known what was there
            journal_.note(column, *step.entity);
        void* member = column.operations.member(step.entity->object);
        if (is_there)
            readers[i]->read(bytes, member);
        else
            readers[i]->read_null(member);
    }
}

void flush_run::take_far_row(const flush_statement& of, const std::byte* fields)
{
    field_cursor cursor{fields};
    std::span<const std::byte> bytes;
    if (of.what == flush_action::find_far) {
        known_row& row = found_->emplace_back();
        for (std::size_t i = 0; i < of.returning.size(); ++i)
            row.push_back(cursor.next(bytes) ? std::optional{text_of(bytes)} : std::nullopt);
        return;
    }
    std::string key;
    for (std::size_t i = 0; i < of.returning.size(); ++i) {
        cursor.next(bytes);
        append_key_part(key, bytes, of.returning.size() == 1);
    }
    entity_record* here = store_.find(*of.table, key);
    if (of.what == flush_action::remove_far) {
        if (here != nullptr && !here->is_marked_deleted)
            removed_.push_back(here);
        removed_keys_.emplace(of.table, std::move(key));
    } else if (here != nullptr && !here->is_marked_deleted) {
        released_.emplace_back(here, of.relation);
    }
}

// ---- The end of it.

void flush_run::finish()
{
    const entity_store::keep_all meanwhile{store_};
    const std::uint64_t transaction = store_.transaction();
    for (const flush_planner::row_switch& each : planner_.switches()) {
        std::string key = each.gone->key;
        log_.removed(*each.gone, key);
        store_.unlist(*each.gone);
        each.instead->before.reset();
        store_.register_row(*each.instead, std::move(key));
        log_.inserted(*each.instead);
    }
    for (entity_record* each : planner_.dropped())
        store_.expunge(*each);
    byte_writer scratch;
    std::size_t rows = 0;
    for (const std::unique_ptr<flush_level>& each : sent_)
        rows += each->steps.size();
    log_.expect(rows);
    for (const std::unique_ptr<flush_level>& each : sent_)
        finish_inserted(*each);
    for (entity_record* each : updated_) {
        if (!each->before)
            continue; // it was inserted in this very flush
        std::string key = key_of(*each->table, each->object, scratch);
        const bool has_new_key = key != each->key;
        log_.updated(*each, std::move(each->before),
                     has_new_key ? std::make_unique<const std::string>(each->key) : nullptr);
        if (each->handles != 0)
            store_.renew_baseline(*each);
        if (has_new_key) {
            store_.unregister_row(*each);
            store_.register_row(*each, std::move(key));
        }
        each->transaction = transaction;
    }
    for (const auto& [entity, relation] : released_) {
        store_.take_baseline(*entity);
        std::unique_ptr<row_image> before = std::move(entity->before);
        fill_in_foreign_key({.child = entity, .relation = relation, .child_is_near = false}, journal_);
        log_.updated(*entity, std::move(before), nullptr);
        if (relation->reverse != nullptr) {
            reference_member& other = reference_in(*entity, *relation->reverse);
            if (!other.is_changed()) {
                if (entity_node* parent = other.peek())
                    log_.forgotten(*entity, *relation->reverse, *parent);
                other.set_loaded(nullptr);
            }
        }
        if (entity->watched != watch::none)
            store_.renew_baseline(*entity);
    }
    for (entity_record* each : removed_)
        finish_removed(*each);
    if (planner_.may_have_changed_relations())
        for (entity_record* each : planner_.seen())
            if (each->has_changed_relations)
                log_.relations_written(*each);
    // They were collected from the front of the lists of those that are watched, and leave them from the back.
    planner_.release_seen([this](entity_record& each) {
        if (each.state != entity_state::persistent || each.watched == watch::none)
            return;
        // To what was added and never opened, nobody can have a reference: it needs no baseline until it is opened.
        if (each.handles != 0 && !each.before && each.is_open_for_changes)
            store_.renew_baseline(each);
        store_.found_unchanged(each);
    });
    store_.all_settled();
}

void flush_run::finish_inserted(const flush_level& of)
{
    byte_writer scratch;
    const std::uint64_t transaction = store_.transaction();
    const entity_store::table_entities* among = nullptr;
    for (std::size_t i = 0; i != of.steps.size(); ++i) {
        of.look_ahead_from(i);
        const flush_step& step = of.steps[i];
        if (of.statements[step.statement].what != flush_action::insert)
            continue;
        entity_record& entity = *step.entity;
        entity_store::table_entities& in = store_.entities_of(*entity.table);
        if (std::exchange(among, &in) != &in)
            in.by_key.expect(of.steps.size());
        store_.register_new_row(in, entity, key_of(*entity.table, entity.object, scratch));
        entity.explicit_columns.reset();
        entity.transaction = transaction;
        log_.inserted(entity);
    }
}

void flush_run::finish_removed(entity_record& entity)
{
    if (entity.state != entity_state::persistent)
        return;
    forget_everywhere(entity, &log_); // while its foreign keys are found by its key
    log_.removed(entity, entity.key);
    store_.unlist(entity);
}

void flush_run::take_back() noexcept
{
    journal_.put_back();
    for (std::size_t i = 0; i < answered_; ++i)
        for (const flush_step& step : sent_[i]->steps)
            if (const flush_statement& of = sent_[i]->statements[step.statement]; of.what == flush_action::insert)
                for (const column_info* each : of.returning)
                    each->operations.assign(step.entity->object, prototypes_.of(*step.entity->table).object());
    planner_.take_back_marks();
}

} // namespace tusk::orm::detail
