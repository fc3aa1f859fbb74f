#pragma once

#include "unit_of_work/entity_record.hpp"
#include "unit_of_work/identity_map.hpp"
#include "unit_of_work/slab.hpp"

#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tusk::orm::detail {

class undo_log;

/// How a session lets go of its store.
struct detach_store {
    void operator()(entity_store* store) const noexcept;
};
using store_ptr = std::unique_ptr<entity_store, detach_store>;

/// Where the entities of a session live: the identity map, and the objects at addresses that never change.
///
/// It lives as long as its session or any handle. An entity that nobody can reach any more (no handle, no relation of
/// another entity, nothing unsaved) is destroyed, so that a long session does not grow without end; a circle of such
/// entities goes when a transaction ends. The memory serves other entities of its table, and goes with the last of
/// them.
/// @par Thread safety  One strand: that of its session.
class entity_store
{
public:
    /// The entities of one table.
    struct table_entities {
        explicit table_entities(const table_info& of);

        const table_info* table;
        slab memory; ///< Of records, and the objects behind them.
        identity_map by_key;
        tusk::detail::long_vector<entity_record*> watched[2]; ///< Those watched from a distance, and closely.
        bool may_have_changed_relations = false;

        /// Those that may have changed since anybody looked: pending, opened for changes, with changed relations,
        /// marked deleted. In no order.
        [[nodiscard]] std::span<entity_record* const> close() const noexcept { return watched[1]; }
        [[nodiscard]] std::span<entity_record* const> distant() const noexcept { return watched[0]; }
    };

    [[nodiscard]] static store_ptr make();

    entity_store(const entity_store&) = delete;
    entity_store& operator=(const entity_store&) = delete;

    // ---- Entities come and go.

    /// Takes over a new entity, pending. Its relations are bound, empty and loaded.
    /// @param object  It is moved from.
    entity_record& add(const table_info& table, void* object);
    /// A detached entity again: pending, or persistent where it has a row.
    /// @throws usage_error  Another entity with that key is in the session.
    void add_again(entity_record& entity);
    /// It leaves the session and keeps its values.
    void expunge(entity_record& entity) noexcept;

    /// An entity for a row that arrived.
    struct placed {
        entity_record& entity;
        /// Its columns are to be read from the row: it is new here, or unchanged since an earlier transaction.
        bool takes_values;
        /// It was made for this row: its relations are bound, and not loaded.
        bool is_new;
    };
    /// @param key  As `key_of` (key.hpp) would have it.
    placed place(const table_info& table, std::string_view key) { return place(entities_of(table), key); }
    placed place(table_entities& in, std::string_view key);
    /// The columns of a placed entity have been read.
    void loaded(entity_record& entity);

    /// Its columns may be read from a row whatever the transaction: it has one, and nothing unsaved in its own columns.
    [[nodiscard]] bool may_take_values(const entity_record& entity);
    /// A deferred column was filled in later.
    void column_loaded(entity_record& entity, const column_info& column);
    /// Any entity of that table is here.
    [[nodiscard]] bool holds(const table_info& table) const noexcept;
    /// Null where none with that key is here.
    [[nodiscard]] entity_record* find(const table_info& table, std::string_view key) const noexcept;

    /// So many rows of that table are about to be placed.
    void expect(table_entities& in, std::size_t rows);

    /// To be asked once for many rows.
    [[nodiscard]] table_entities& entities_of(const table_info& table)
    {
        return last_ != nullptr && last_->table == &table ? *last_ : make_entities_of(table);
    }
    [[nodiscard]] const table_entities* find_entities(const table_info& table) const noexcept;

    // ---- Rows.

    /// It has a row with that key: persistent, and in the identity map.
    void register_row(entity_record& entity, std::string key);
    /// The same for one that was inserted. Another entity with that key leaves the session: its row was deleted by
    /// somebody else, or the server would have refused.
    void register_new_row(table_entities& in, entity_record& entity, std::string key);
    /// Its row is gone, or has another key.
    void unregister_row(entity_record& entity) noexcept;
    /// Its row was deleted in the transaction that is under way.
    void unlist(entity_record& entity) noexcept;
    /// The same by a statement that is not the unit of work's: it is dead at the commit, and persistent again after a
    /// rollback.
    void deleted_by_statement(entity_record& entity);
    /// Where that is noted.
    void set_log(undo_log* log) noexcept { log_ = log; }

    // ---- Changes.

    /// It may have changed: the next flush looks at it.
    void touch(entity_record& entity) { watch_as(entity, watch::close); }
    /// It has not changed: from now on it is only watched from a distance, or not at all where no handle refers to it,
    /// or where nobody has opened it.
    void found_unchanged(entity_record& entity) noexcept;
    void unwatch(entity_record& entity) noexcept { watch_as(entity, watch::none); }

    /// Takes the baseline of a persistent entity, where it has none yet.
    void take_baseline(entity_record& entity);
    /// The baseline is what its members are now.
    void renew_baseline(entity_record& entity);
    /// Its columns are not what the database has.
    [[nodiscard]] bool has_changed_columns(const entity_record& entity);
    /// ... or its relations.
    [[nodiscard]] bool is_changed(const entity_record& entity);

    /// Before the first change through a handle.
    void open(entity_record& entity);

    /// A relation of it has changed.
    void relation_changed(entity_record& entity);
    /// The next flush deletes it.
    void mark_deleted(entity_record& entity);
    /// Some entity may be marked so.
    [[nodiscard]] bool may_have_removals() const noexcept { return may_have_removals_; }
    /// No relation has changes that were not sent, and no entity is marked.
    void all_settled() noexcept;

    [[nodiscard]] std::span<entity_record* const> all() const noexcept { return all_; }
    [[nodiscard]] std::vector<table_entities*> tables();

    // ---- Transactions.

    /// The transaction that is under way; grows by one with each commit and rollback.
    [[nodiscard]] std::uint64_t transaction() const noexcept { return transaction_; }
    /// It has ended. What cannot be reached goes, circles too.
    void next_transaction();

    /// The session is there.
    [[nodiscard]] bool is_attached() const noexcept { return is_attached_; }

    // ---- What relation members and undertakings do.

    static void hold(entity_node& entity) noexcept { ++record_of(entity).held; }
    static void let_go(entity_node& entity) noexcept;

    /// While one exists nothing is destroyed: for work that takes several steps.
    class keep_all
    {
    public:
        explicit keep_all(entity_store& in) noexcept : in_{in} { ++in.busy_; }
        keep_all(const keep_all&) = delete;
        keep_all& operator=(const keep_all&) = delete;
        ~keep_all() { in_.leave(); }

    private:
        entity_store& in_;
    };

    // ---- What handles do.

    void first_handle() noexcept { ++handled_; }
    void last_handle_gone(entity_record& entity) noexcept;

private:
    friend struct detach_store;

    entity_store() = default;
    ~entity_store();

    /// Where they are not there yet.
    table_entities& make_entities_of(const table_info& table);
    /// @param construct  Makes the object, at the address that it is given.
    template <class F>
    entity_record& make_record(table_entities& in, F&& construct);
    void free_record(entity_record& entity) noexcept;
    void bind_relations(entity_record& entity, bool as_empty);
    void watch_as(entity_record& entity, watch how) noexcept;
    void forget_unchanged(table_entities& of);

    [[nodiscard]] static bool is_needed(const entity_record& entity) noexcept;
    void doubt(entity_record& entity) noexcept;
    void leave() noexcept;
    void destroy_unreachable() noexcept;
    void destroy(entity_record& entity) noexcept;
    void sweep();

    template <class F>
    static void for_each_target(const entity_record& of, F&& call);

    std::unordered_map<const table_info*, std::unique_ptr<table_entities>> tables_;
    table_entities* last_ = nullptr; ///< The one that was asked for last.
    tusk::detail::long_vector<entity_record*> all_;
    std::vector<entity_record*> doubtful_; ///< Perhaps nobody can reach them.
    row_encoder encoder_;
    std::uint64_t transaction_ = 1;
    std::uint64_t added_ = 0;
    std::size_t handled_ = 0;    ///< Entities with handles.
    std::size_t survivors_ = 0;  ///< Of the last sweep.
    std::size_t look_again_ = 0; ///< So many closely watched ones, and those without handles are looked at.
    undo_log* log_ = nullptr;
    unsigned busy_ = 0;
    bool may_have_removals_ = false;
    bool is_attached_ = true;
};

} // namespace tusk::orm::detail
