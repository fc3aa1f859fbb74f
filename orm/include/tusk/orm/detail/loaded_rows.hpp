#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/driver/row_view.hpp>
#include <tusk/orm/detail/kept_entities.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace tusk {
class row_stream;
} // namespace tusk

namespace tusk::orm::detail {

/// What a statement gave, with its entities in the identity map.
struct loaded_rows {
    tusk::result rows;
    /// The batch that holds the rows instead; null where there is none.
    const tusk::row_stream* batch = nullptr;
    /// How many of the rows are to be given out: from the first on.
    std::size_t count = 0;
    /// For each part of what the statement selects, its first column.
    std::vector<std::size_t> first_columns;
    /// Those of its parts that are entities, row by row; null where one is absent.
    kept_entities entities;

    [[nodiscard]] row_view row(std::size_t position) const
    {
        return batch == nullptr ? rows[position] : row_of_batch(position);
    }
    [[nodiscard]] std::span<const tusk::column> columns() const noexcept
    {
        return batch == nullptr ? rows.columns() : columns_of_batch();
    }

private:
    [[nodiscard]] row_view row_of_batch(std::size_t position) const;
    [[nodiscard]] std::span<const tusk::column> columns_of_batch() const noexcept;
};

} // namespace tusk::orm::detail
