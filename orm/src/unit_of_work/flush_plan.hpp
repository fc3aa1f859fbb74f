#pragma once

#include "unit_of_work/column_set.hpp"
#include "unit_of_work/entity_record.hpp"

#include <tusk/driver/detail/huge_pages.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a flush is going to send, before anything is sent.
namespace tusk::orm::detail {

enum class flush_action : std::uint8_t {
    insert,
    update,
    remove,      ///< DELETE of one entity's row.
    link,        ///< INSERT into a secondary table.
    unlink,      ///< DELETE from a secondary table.
    find_far,    ///< SELECT of the keys of rows that will be deleted with others.
    remove_far,  ///< DELETE of all rows that refer to others.
    release_far, ///< UPDATE of all rows that refer to others: to nothing.
    settle,      ///< A statement about the transaction, without parameters.
};

/// Where a parameter of a statement comes from.
struct flush_value {
    enum class source : std::uint8_t {
        member,   ///< The entity's member.
        previous, ///< What the database has, as the entity's baseline knows it.
        other,    ///< The member of the other entity: of the far side of a link.
        keys,     ///< An array of the values of that column, of many entities.
    };
    source from = source::member;
    const column_info* column = nullptr;
};

/// One statement text; it is executed for many entities.
struct flush_statement {
    flush_action what = flush_action::insert;
    const table_info* table = nullptr;
    std::string sql;
    std::vector<flush_value> values;
    std::vector<const column_info*> returning;
    const relation_info* relation = nullptr; ///< Of links, and of what is done to the far side.
};

/// One execution.
struct flush_step {
    std::uint32_t statement = 0; ///< In its level.
    std::uint32_t keys = 0;      ///< In `flush_level::keys`, for statements about many rows.
    entity_record* entity = nullptr;
    entity_record* other = nullptr;
};

/// What is known of a row: encoded values of some columns; none for NULL.
using known_row = std::vector<std::optional<std::string>>;

/// Encoded values of one or more columns, in parallel.
struct key_list {
    struct part {
        const column_info* column = nullptr;
        std::vector<std::string> values;
    };
    std::vector<part> parts;
};

/// The key of an entity goes into the foreign key of another one.
struct foreign_key_link {
    entity_record* child = nullptr;
    entity_record* parent = nullptr; ///< Null: the foreign key becomes NULL.
    const relation_info* relation = nullptr;
    bool child_is_near = true; ///< The relation is the child's (belongs_to); else the parent's.
    /// The parent's key comes from the server, in an earlier level of the same flush.
    bool waits_for_key = false;
    /// Written by an UPDATE of its own behind the INSERT.
    bool is_late = false;

    [[nodiscard]] const column_info& child_column(const column_pair& of) const
    {
        return child_is_near ? *of.near : *of.far;
    }
    [[nodiscard]] const column_info& parent_column(const column_pair& of) const
    {
        return child_is_near ? *of.far : *of.near;
    }
};

/// One flight.
struct flush_level {
    /// Foreign keys that are filled in before it is sent.
    std::vector<foreign_key_link> links;
    std::vector<flush_statement> statements;
    tusk::detail::long_vector<flush_step> steps;
    std::vector<key_list> keys;

    [[nodiscard]] bool empty() const noexcept { return steps.empty(); }

    /// For whoever goes from step to step and looks at their entities.
    void look_ahead_from(std::size_t step) const noexcept
    {
        if (step + look_ahead >= steps.size())
            return;
        if (const entity_record* const soon = steps[step + look_ahead].entity; soon != nullptr)
            prefetch(soon);
    }
};

} // namespace tusk::orm::detail
