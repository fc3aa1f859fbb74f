#pragma once

#include "loading/entity_reader.hpp"
#include "loading/joined_relation.hpp"
#include "loading/load_task.hpp"
#include "loading/row_fields.hpp"
#include "query/compiled.hpp"
#include "unit_of_work/entity_store.hpp"

#include <tusk/driver/column.hpp>
#include <tusk/driver/row_view.hpp>
#include <tusk/orm/detail/kept_entities.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

namespace tusk::orm::detail {

/// Makes the entities of the rows of one statement, with those that came with them in joins.
class result_reader
{
public:
    /// @param of       Must live as long as the reader and the tasks that `finish` gives.
    /// @param columns  Of the result; live as long as the reader.
    /// @throws decode_error  The columns do not fit the members.
    result_reader(entity_store& store, const compiled_statement& of, std::span<const tusk::column> columns,
                  on_known known);

    /// So many rows are about to be read.
    void expect(std::size_t rows);

    /// Reads the entities of the next row.
    /// @throws decode_error  A value does not fit its member.
    void read(const row_view& row);

    /// The fields of the row that was read last.
    [[nodiscard]] const row_fields& fields() const noexcept { return fields_; }
    /// Its entity for an output; null where it is absent.
    [[nodiscard]] entity_record* entity(std::size_t output) const noexcept { return slots_[output].current; }

    /// All rows have been read: sets the relations that came in joins.
    /// @param tasks  What is still to be loaded for what was read is added.
    void finish(std::vector<load_task>& tasks);

    /// The entities that the statement selects, row by row; each once where rows repeat them.
    [[nodiscard]] kept_entities take_results() noexcept { return std::move(results_); }

private:
    struct slot {
        std::optional<entity_reader> reader; ///< None: a value.
        std::optional<joined_relation> joined;
        entity_record* current = nullptr;
        std::vector<entity_record*> owners; ///< For which something is still to be loaded.
    };

    void keep_result(entity_record* entity);

    const compiled_statement* of_;
    row_fields fields_;
    std::vector<slot> slots_;
    kept_entities results_;
    std::unordered_set<const entity_record*> given_; ///< Only where rows repeat entities.
};

} // namespace tusk::orm::detail
