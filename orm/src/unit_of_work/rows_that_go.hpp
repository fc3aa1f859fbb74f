#pragma once

#include "unit_of_work/flush_plan.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Rows that are deleted, with what is known of them.
struct row_set {
    const table_info* table = nullptr;
    bool are_entities = false; ///< Each is deleted by a statement of its own.
    bool are_referred = false; ///< The rows that led here refer to them: they go later.
    std::vector<const column_info*> columns;
    std::vector<known_row> rows;
    std::vector<entity_record*> entities; ///< Whose they are; empty otherwise.

    /// Those columns of all rows, so many keys a statement. A row that has NULL there leads nowhere.
    [[nodiscard]] std::vector<key_list> keys_of(const std::vector<const column_info*>& wanted) const;
    /// What to ask the far side of a relation with.
    [[nodiscard]] std::vector<key_list> keys_of(const relation_info& relation) const;

private:
    [[nodiscard]] std::vector<key_list> keys_of(const std::vector<const column_info*>& wanted,
                                                const relation_info* asked) const;
};

/// What a flush deletes: entities, and the rows that their relations lead to. First it is asked, set by set, which rows
/// must be known to go further; then it says the statements.
class rows_that_go
{
public:
    /// @param taken_over  They stay, in the place of rows that go.
    rows_that_go(std::vector<entity_record*> entities, const std::vector<entity_record*>& taken_over);

    /// The relations of the sets that have come up since the last call, where the far rows must be known.
    struct question {
        const relation_info* relation;
        flush_level level; ///< One SELECT.
    };
    [[nodiscard]] std::vector<question> questions();
    void answer(const relation_info& asked, std::vector<known_row> rows);

    /// One flight: tables that refer to others first.
    /// @param openings  Foreign keys of entities that stand in the way of others.
    [[nodiscard]] flush_level level(const std::map<entity_record*, column_set>& openings) const;

private:
    /// What happens to one table.
    struct table_removal {
        std::vector<std::pair<const row_set*, const relation_info*>> by_relation;
        std::vector<const row_set*> by_key;
        std::vector<const row_set*> referred; ///< By key too, behind everything else.
        std::vector<entity_record*> entities;
    };
    using table_removals = std::map<const table_info*, table_removal>;

    void add_entity(entity_record& entity);
    [[nodiscard]] table_removals removals() const;
    void clear_what_stands_in_the_way(flush_level& level, const table_removals& of,
                                      const std::vector<const table_info*>& order,
                                      std::map<entity_record*, column_set> openings) const;
    void remove_from(flush_level& level, const table_info& table, const table_removal& what) const;

    std::vector<entity_record*> entities_;
    std::vector<std::unique_ptr<row_set>> sets_;
    std::size_t asked_ = 0;
    std::map<const table_info*, row_set*> first_;
    std::set<std::pair<const table_info*, std::string>> known_;
};

} // namespace tusk::orm::detail
