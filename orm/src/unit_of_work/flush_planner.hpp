#pragma once

#include "unit_of_work/entity_prototype.hpp"
#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/flush_plan.hpp"
#include "unit_of_work/value_journal.hpp"

#include <tusk/driver/detail/huge_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Rows of one table that are deleted, directly or with others, whose relations lead further.
struct delete_root {
    const table_info* table = nullptr;
    std::vector<entity_record*> entities;
};

/// Finds out what a flush has to send. It sends nothing itself: entities in, levels of statements out.
///
/// It fills in foreign keys whose values are known (and notes what they were, so that a flush that fails leaves objects
/// as they were); those of rows that the server numbers are filled in on the way.
class flush_planner
{
public:
    flush_planner(entity_store& store, value_journal& journal, prototypes& made)
        : store_{store}, journal_{journal}, prototypes_{made}
    {
    }
    flush_planner(const flush_planner&) = delete;
    flush_planner& operator=(const flush_planner&) = delete;
    ~flush_planner();

    /// @throws usage_error   A foreign key and its relation were both changed and disagree; rows refer to each other in
    /// a
    ///                       circle that nothing opens; an entity refers to one that is not in the session.
    /// @throws encode_error  A value cannot be a value of its column.
    void plan();

    [[nodiscard]] bool empty() const noexcept { return items_.empty() && links_.empty() && unlinks_.empty(); }

    /// INSERTs and UPDATEs, and rows of secondary tables; each level is a flight.
    [[nodiscard]] std::vector<flush_level>& levels() noexcept { return levels_; }

    /// Deleted entities whose unique values others take over: they go before everything else.
    [[nodiscard]] std::vector<entity_record*>& early_deletes() noexcept { return early_deletes_; }
    /// The others, in the order in which they are deleted: those that refer to others first.
    [[nodiscard]] std::vector<entity_record*>& deletes() noexcept { return deletes_; }
    /// Foreign keys of deleted rows that refer to each other in a circle, and are opened first.
    struct opening {
        entity_record* entity;
        column_set columns;
    };
    [[nodiscard]] const std::vector<opening>& openings() const noexcept { return openings_; }

    /// A new entity with the key of a deleted one takes over its row.
    struct row_switch {
        entity_record* gone;
        entity_record* instead;
    };
    [[nodiscard]] const std::vector<row_switch>& switches() const noexcept { return switches_; }

    /// New entities that are dropped unsent: orphans, and children of what is deleted.
    [[nodiscard]] const std::vector<entity_record*>& dropped() const noexcept { return dropped_; }
    /// Everything that was looked at; what is unchanged is forgotten afterwards.
    [[nodiscard]] std::span<entity_record* const> seen() const noexcept { return seen_; }
    /// Some of them may have changed relations. (What goes may have changed those of others.)
    [[nodiscard]] bool may_have_changed_relations() const noexcept
    {
        return has_related_ || has_removals_ || !dropped_.empty();
    }
    /// Calls a function with each of them, and lets go of it; the last first.
    template <class F>
    void release_seen(F&& function)
    {
        for (; !seen_.empty(); seen_.pop_back()) {
            entity_record& last = *seen_.back();
            if (seen_.size() > look_ahead)
                prefetch(seen_[seen_.size() - 1 - look_ahead]);
            function(last);
            release(last);
        }
    }

    /// Tables with entities in this flush, referred ones first.
    [[nodiscard]] const std::vector<const table_info*>& table_order() const noexcept { return table_order_; }

    /// The flush has failed: what it has marked for deletion is not marked any more.
    void take_back_marks() noexcept;

private:
    struct item {
        entity_record* entity = nullptr;
        const table_info* table = nullptr; ///< The entity's, which need not be looked at for it.
        flush_action what = flush_action::insert;
        std::uint32_t level = 0;
        std::uint32_t first_link = none;
        enum class visit : std::uint8_t { fresh, open, done } visited = visit::fresh;
        column_set columns; ///< Those that are written.
    };
    struct chained_link {
        foreign_key_link link;
        std::uint32_t next = none;
        std::uint32_t waiting = 0; ///< Of its pairs of columns, those whose value is not known yet; a bit a pair.
    };
    struct link_row {
        entity_record* near;
        entity_record* far;
        const relation_info* relation;
    };
    static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

    // collect.cpp
    void collect();
    void see(entity_record& entity);
    void sort_out();
    void collect_orphans();
    void collect_orphans_of(entity_record& parent, const relation_info& relation);
    [[nodiscard]] bool has_parent(entity_record& child) const;
    void cascade_deletes();
    void cascade_delete_of(entity_record& entity, const relation_info& relation);
    void mark_deleted(entity_record& entity);
    void drop(entity_record& entity);
    void add_item(entity_record& entity, flush_action what);
    static void release(entity_record& entity) noexcept;
    void find_row_switches();

    // foreign_key_sync.cpp
    void link_foreign_keys();
    void link_relation(entity_record& entity, const relation_info& relation);
    void add_link(foreign_key_link link);
    void settle_links();
    void settle_links_of(const item& of);
    void check_agreement(const chained_link& of);
    [[nodiscard]] std::uint32_t waiting_pairs(const foreign_key_link& link);
    [[nodiscard]] bool comes_from_server(const entity_record& entity, const column_info& column) const;

    // changed_columns.cpp
    void find_changed_columns();
    void check_value(const column_info& column, const entity_record& entity);
    [[nodiscard]] bool is_fresh(const column_info& column, const entity_record& entity);
    void choose_insert_columns(item& of);
    void choose_update_columns(item& of);

    // order.cpp
    void order_tables();
    void order_inserts();
    bool visit(std::uint32_t start);
    void open_cycle(std::span<const std::pair<std::uint32_t, std::uint32_t>> path);
    void order_updates();
    void order_deletes();
    bool order_rows(std::vector<entity_record*>& order);
    [[nodiscard]] bool is_opened(const entity_record& entity, const foreign_key_info& key) const;
    void open_row(entity_record& entity, const foreign_key_info& key);
    [[nodiscard]] std::vector<std::pair<entity_record*, const foreign_key_info*>> referred_by(const entity_record& of);

    // unique_values.cpp
    struct passed_key {
        const table_info* table;
        std::string name;
        std::vector<const column_info*> columns;
        deferral when;
    };
    /// A row gives a unique value up that another row takes.
    struct passed_value {
        std::uint32_t from;
        std::uint32_t to;
        passed_key key;
    };
    void order_unique_values();
    void order_unique_key(const passed_key& of);
    void choose_early_deletes();
    void order_updates_by_values();
    void open_value_cycle(const passed_value& of);

    // levels.cpp
    void make_levels();
    /// What decides about a text.
    struct shape {
        flush_action what;
        const table_info* table;
        const relation_info* relation;
        const column_set& columns;
        const column_set& defaults;
    };
    [[nodiscard]] std::uint32_t statement_of(std::size_t level, const shape& of);
    void add_step(std::size_t level, const item& of);
    void add_late_step(std::size_t level, const item& of);
    void add_constraints(std::size_t level, std::string_view when);
    void add_link_step(std::size_t level, const link_row& row, flush_action what);
    [[nodiscard]] bool is_numbered_by_server(const entity_record& entity, const column_info& column);
    [[nodiscard]] flush_level& level_at(std::size_t level)
    {
        if (levels_.size() <= level)
            levels_.resize(level + 1);
        return levels_[level];
    }

    [[nodiscard]] item* item_of(const entity_record& entity) noexcept
    {
        return entity.flush_index < items_.size() ? &items_[entity.flush_index] : nullptr;
    }
    /// Of a row that is taken over: columns that the server fills in anew.
    [[nodiscard]] const column_set& defaults_of(const item& its) const;
    [[nodiscard]] std::size_t rank_of(const table_info& table) const;

    entity_store& store_;
    value_journal& journal_;
    prototypes& prototypes_;
    row_encoder encoder_;
    byte_writer value_; ///< One that is looked at.
    tusk::detail::long_vector<entity_record*> seen_;
    bool has_related_ = false;  ///< Some of them have changed relations, or may be orphans.
    bool has_removals_ = false; ///< Some are marked deleted.
    tusk::detail::long_vector<item> items_;
    std::uint64_t last_insert_ = 0;         ///< Its number.
    bool inserts_are_in_order_ = true;      ///< They are of one class, and come as they were added.
    std::vector<const table_info*> tables_; ///< Theirs, each once.
    std::unordered_map<std::uint32_t, column_set> defaults_;
    std::vector<chained_link> foreign_keys_;
    std::vector<foreign_key_link> releases_;
    std::vector<link_row> links_;
    std::vector<link_row> unlinks_;
    std::vector<std::uint32_t> insert_order_;
    std::vector<std::uint32_t> update_order_;
    std::vector<std::uint32_t> early_updates_; ///< They give up unique values that new rows take over.
    std::vector<passed_value> passed_;
    std::set<entity_record*> wanted_early_;
    std::set<std::uint32_t> give_up_early_;
    std::vector<std::string> deferred_;  ///< Constraints that are checked when the updates are done.
    std::vector<opening> cleared_;       ///< Rows that have no value for a moment, so that others can exchange theirs.
    std::vector<entity_record*> marked_; ///< By this flush; a failure takes it back.
    std::vector<entity_record*> early_deletes_;
    std::vector<entity_record*> deletes_;
    std::vector<opening> openings_;
    std::vector<row_switch> switches_;
    std::vector<entity_record*> dropped_;
    std::vector<const table_info*> table_order_;
    std::unordered_map<const table_info*, std::size_t> ranks_;
    std::vector<flush_level> levels_;

    /// Texts, so that each is made once a level.
    struct known_text {
        known_text(std::size_t where, const shape& of, std::uint32_t which)
            : level{where},
              what{of.what},
              statement{which},
              table{of.table},
              relation{of.relation},
              columns{of.columns},
              defaults{of.defaults}
        {
        }
        [[nodiscard]] bool is_for(std::size_t where, const shape& of) const noexcept
        {
            return level == where && what == of.what && table == of.table && relation == of.relation &&
                   columns == of.columns && defaults == of.defaults;
        }

        std::size_t level;
        flush_action what;
        std::uint32_t statement;
        const table_info* table;
        const relation_info* relation;
        column_set columns;
        column_set defaults;
    };
    std::vector<known_text> texts_;
};

/// The parent's key is known: the child's foreign key takes it.
/// @throws usage_error  It would have to be NULL, and cannot.
void fill_in_foreign_key(const foreign_key_link& link, value_journal& journal);

} // namespace tusk::orm::detail
