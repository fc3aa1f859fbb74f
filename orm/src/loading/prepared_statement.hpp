#pragma once

#include "query/compiled.hpp"

#include <tusk/orm/table_info.hpp>

#include <cstdint>

namespace tusk::orm::detail {

/// A rendered statement, and what it does to rows that the session may have as entities.
struct prepared_statement {
    enum class effect : std::uint8_t { none, updates, deletes };

    compiled_statement made;
    effect does = effect::none;
    const table_info* table = nullptr; ///< Of which it updates or deletes rows.
    /// SQL of the caller's: its columns are matched by name, and it may read any table.
    bool by_name = false;
};

} // namespace tusk::orm::detail
