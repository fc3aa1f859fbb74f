#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/row_store.hpp>
#include <tusk/driver/detail/spare_memory.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace tusk::detail {

using column_list = std::vector<column>;

/// What a result owns: one allocation for a small result, its rows' blocks for a large one.
struct result_data {
    /// Belongs to one connection's named statement, or to this result; never shared between connections.
    std::shared_ptr<const column_list> columns;
    command_tag tag;
    row_store rows;

    static void* operator new(std::size_t size) { return allocate_result(size); }
    static void operator delete(void* block) noexcept { deallocate_result(block); }

    [[nodiscard]] std::span<const column> column_span() const noexcept
    {
        return columns ? std::span<const column>{*columns} : std::span<const column>{};
    }
};

} // namespace tusk::detail
