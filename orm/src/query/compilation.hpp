#pragma once

#include "query/compiled.hpp"
#include "query/renderer.hpp"
#include "query/source.hpp"

#include <tusk/orm/detail/select_data.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace tusk::orm::detail {

/// A statement on its way to text: the renderer, and what is found out about the rows.
class compilation
{
public:
    explicit compilation(std::shared_ptr<const statement_data> of) : of_{std::move(of)} {}

    renderer out;
    compiled_statement made;

    void add_value();
    /// One entity more in a row.
    /// @param choice  Which of its columns; null: all.
    /// @returns  Its place in `made.outputs`.
    std::size_t add_entity(const source& from, const table_info& table, const column_choice* choice);
    /// The statement's own outputs, with what the options say of their columns.
    void add_outputs(const std::vector<output_item>& outputs, const std::vector<load_option>& options);

    /// The columns of an entity: `users.id, users.email`.
    void write_entity(std::size_t output);
    /// All outputs that were added, as they stand behind SELECT or RETURNING.
    void write_outputs(const std::vector<output_item>& outputs);

    /// Where the entity of an output is; null for a value.
    [[nodiscard]] const source* source_of(std::size_t output) const { return sources_.all()[output]; }

    compiled_statement finish();

private:
    /// What the compiled statement points to.
    struct keepsake {
        std::shared_ptr<const statement_data> of;
        std::deque<std::vector<const column_info*>> lists;
    };

    std::span<const column_info* const> columns_of(const table_reference& table, const column_choice* choice);

    std::shared_ptr<const statement_data> of_;
    std::shared_ptr<keepsake> kept_;
    short_list<const source, 4> sources_;
};

/// What is said of an entity's own columns; null: nothing.
const column_choice* choice_of(const std::vector<load_option>& options, const table_info& table);

} // namespace tusk::orm::detail
