#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/table_info.hpp>

#include <vector>

namespace tusk::orm::detail {

/// A relation that is to be loaded for these entities, by statements of its own.
struct load_task {
    const relation_info* relation = nullptr;
    const load_option* option = nullptr; ///< What else is said of it; null: nothing.
    std::vector<entity_record*> owners;  ///< One may stand there several times.
};

} // namespace tusk::orm::detail
