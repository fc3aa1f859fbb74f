#include "unit_of_work/session_state.hpp"

#include "unit_of_work/flush_run.hpp"
#include "unit_of_work/relation_sides.hpp"
#include "unit_of_work/value_journal.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/session/error.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// So many times in a row, and hooks make new work without end.
constexpr int most_flushes = 100;

void call_all(const std::vector<std::function<void()>>& hooks)
{
    for (std::size_t i = 0; i < hooks.size(); ++i) // one of them may add another
        hooks[i]();
}

/// A relation of that class is written into one of those tables.
bool leads_to(const table_info& from, std::span<const table_info* const> tables)
{
    return std::ranges::any_of(from.relations(), [&](const relation_info& each) {
        return std::ranges::find(tables, each.target) != tables.end() ||
               (each.secondary != nullptr && std::ranges::find(tables, each.secondary) != tables.end());
    });
}

/// What was changed and not sent is what the database has.
void undo_unsent(entity_store& store, member_readers& readers)
{
    const entity_store::keep_all meanwhile{store};
    std::vector<entity_record*> watched;
    for (entity_store::table_entities* in : store.tables())
        for (const auto& list : {in->close(), in->distant()})
            watched.insert(watched.end(), list.begin(), list.end());
    for (entity_record* each : watched) {
        if (!std::exchange(each->has_changed_relations, false))
            continue;
        for (const relation_info& relation : each->table->relations()) {
            if (relation.is_collection())
                collection_in(*each, relation).undo_changes();
            else
                reference_in(*each, relation).undo_changes();
        }
    }
    for (entity_record* each : watched) {
        each->is_marked_deleted = false;
        if (each->state == entity_state::pending) {
            store.expunge(*each);
            continue;
        }
        if (each->state == entity_state::persistent && store.has_changed_columns(*each))
            restore_columns(*each, *each->before, readers);
        store.found_unchanged(*each);
    }
    store.all_settled();
}

} // namespace

session_state::session_state(tusk::session on) : sql_{std::move(on)}
{
    tusk::detail::session_access::set_observer(sql_, this);
    store_->set_log(&log_);
}

session_state::~session_state()
{
    if (!is_closed_)
        close();
    log_.forget();
}

tusk::detail::session_use session_state::use() const
{
    if (is_outcome_unknown_)
        throw pending_rollback{"whether the session's last COMMIT took effect is not known, so it has let its entities "
                               "go: co_await rollback() on the session, then ask the database what is there",
                               nullptr};
    return tusk::detail::session_access::use(sql_);
}

void session_state::close() noexcept
{
    is_closed_ = true;
    bool is_in_use = false;
    try {
        static_cast<void>(tusk::detail::session_access::use(sql_));
    } catch (...) {
        is_in_use = true; // by a verb that still holds this, and lets go of the entities when it is done
    }
    tusk::detail::session_access::set_observer(sql_, nullptr);
    static_cast<void>(tusk::session{std::move(sql_)});
    if (is_in_use)
        return;
    log_.forget();
    store_.reset();
}

bool session_state::must_flush(std::span<const table_info* const> tables)
{
    if (autoflush_is_off != 0 || is_flushing_)
        return false;
    const bool may_remove = store_->may_have_removals();
    for (entity_store::table_entities* in : store_->tables()) {
        const bool is_named = std::ranges::find(tables, in->table) != tables.end();
        const bool is_related = in->may_have_changed_relations && leads_to(*in->table, tables);
        if (!is_named && !is_related && !may_remove)
            continue;
        const std::vector<entity_record*> now{in->close().begin(), in->close().end()};
        for (entity_record* each : now) {
            // What is deleted may take rows of other tables with it, and a relation of one class is a foreign key of
            // another.
            if (each->is_marked_deleted || (is_related && each->has_changed_relations))
                return true;
            if (!is_named)
                continue;
            if (store_->is_changed(*each))
                return true;
            store_->found_unchanged(*each);
        }
    }
    return false;
}

asio::awaitable<void> session_state::flush(tusk::detail::session_use& use)
{
    if (is_flushing_)
        throw usage_error{"this session is flushing already: a hook cannot flush, what it changes is sent anyway"};
    const std::shared_ptr<session_state> self = shared_from_this(); // a commit knows only the SQL session
    if (is_outcome_unknown_)
        static_cast<void>(this->use()); // throws
    struct during {
        bool& is;
        explicit during(bool& of) : is{of} { is = true; }
        ~during() { is = false; }
    } const now{is_flushing_};
    if (use.is_open())
        static_cast<void>(use.where()); // throws where the transaction has failed
    for (int i = 0; i < most_flushes; ++i) {
        call_all(told.before_flush);
        const bool has_sent = co_await flush_once(use);
        if (!has_sent)
            co_return;
        call_all(told.after_flush);
        if (told.after_flush.empty())
            co_return; // nobody can have changed anything meanwhile
    }
    throw usage_error{
        "a hundred flushes in a row found something to send: an after_flush hook makes changes each time"};
}

asio::awaitable<bool> session_state::flush_once(const tusk::detail::session_use& use)
{
    flush_run run{*store_, log_, prototypes_};
    const bool has_work = run.plan();
    std::exception_ptr failed;
    if (has_work) {
        try {
            co_await run.run(use);
        } catch (...) {
            failed = std::current_exception();
        }
    }
    if (failed) {
        run.take_back();
        use.fail(failure{failed});
        std::rethrow_exception(failed);
    }
    run.finish();
    co_return has_work;
}

// ---- What becomes of the transaction.

void session_state::savepoint_begun(std::size_t depth) noexcept
{
    savepoints_.resize(depth);
    savepoints_[depth - 1] = log_.now();
}

void session_state::savepoint_released(std::size_t depth) noexcept { savepoints_.resize(depth - 1); }

void session_state::savepoint_rolled_back(std::size_t depth) noexcept
{
    if (!store_ || depth > savepoints_.size())
        return;
    roll_back_to(savepoints_[depth - 1]);
    savepoints_.resize(depth - 1);
}

void session_state::roll_back_to(undo_log::mark to) noexcept
{
    try {
        member_readers readers;
        undo_unsent(*store_, readers);
        const entity_store::keep_all meanwhile{*store_};
        log_.roll_back_to(to, readers);
    } catch (...) { // NOLINT(bugprone-empty-catch)
        // No memory. What is not undone is read again in the next transaction.
    }
}

/// Nobody knows which rows are there: entities keep their values and belong to no session.
void session_state::let_everything_go()
{
    const entity_store::keep_all meanwhile{*store_};
    log_.abandon();
    for (entity_record* each : store_->all())
        if (each->state == entity_state::persistent || each->state == entity_state::pending)
            store_->expunge(*each);
    store_->all_settled();
}

void session_state::transaction_ended(tusk::detail::transaction_end how) noexcept
{
    if (!store_)
        return;
    savepoints_.clear();
    const bool is_undone = how == tusk::detail::transaction_end::rolled_back;
    is_outcome_unknown_ = how == tusk::detail::transaction_end::unknown;
    if (is_undone) {
        roll_back_to({});
    } else if (is_outcome_unknown_) {
        let_everything_go();
    } else {
        const entity_store::keep_all meanwhile{*store_};
        log_.commit();
    }
    try {
        store_->next_transaction();
        if (how != tusk::detail::transaction_end::unknown)
            call_all(is_undone ? told.after_rollback : told.after_commit);
    } catch (...) { // NOLINT(bugprone-empty-catch)
        // A hook must not throw; and there is nobody here to tell.
    }
}

} // namespace tusk::orm::detail
