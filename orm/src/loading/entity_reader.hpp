#pragma once

#include "loading/key_reader.hpp"
#include "loading/row_fields.hpp"
#include "unit_of_work/entity_store.hpp"

#include <tusk/driver/column.hpp>
#include <tusk/orm/detail/operations.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tusk::orm::detail {

/// A column of an entity, and where it is in a row.
struct placed_column {
    const column_info* column = nullptr;
    std::size_t position = 0;
};

/// What becomes of an entity that is here already.
enum class on_known : std::uint8_t {
    keep, ///< Within the transaction in which it was read it stays; in a later one it is read again, where unchanged.
    refresh, ///< The row is what the database has now: it is read again, where unchanged.
};

/// Makes entities of the rows of one result, through the identity map.
class entity_reader
{
public:
    /// @param table    What they are.
    /// @param members  The columns that are there: the primary key, and all others that are not deferred.
    /// @param columns  Of the result.
    /// @throws decode_error  A column of the result does not fit its member.
    entity_reader(entity_store& store, const table_info& table, std::span<const placed_column> members,
                  std::span<const tusk::column> columns, on_known known);

    /// So many rows are about to be read.
    void expect(std::size_t rows) { store_->expect(*among_, rows); }

    /// @returns Null where the primary key is NULL: the entity is absent.
    /// @throws decode_error  A value does not fit its member; an entity that was made for the row is gone.
    entity_record* read(const row_fields& row);

    /// The entity of the row before may be gone.
    void forget() noexcept { last_ = nullptr; }

private:
    struct member {
        const column_info* column = nullptr;
        std::size_t position = 0;
        std::ptrdiff_t offset = 0; ///< From the object; the same for all objects of a class.
        std::unique_ptr<field_reader> reader;
    };

    void fill(entity_record& entity, bool is_new, const row_fields& row);
    void fill_deferred(entity_record& entity, const row_fields& row);
    void read_member(const member& to, entity_record& entity, const row_fields& row) const;
    void find_offsets(void* object);

    entity_store* store_;
    entity_store::table_entities* among_;
    on_known known_;
    key_reader keys_;
    std::vector<member> members_;
    std::vector<const column_info*> left_out_;
    bool has_deferred_ = false;
    bool has_offsets_ = false;
    entity_record* last_ = nullptr; ///< Rows of a join repeat their entities.
};

} // namespace tusk::orm::detail
