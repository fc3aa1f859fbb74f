#pragma once

#include <tusk/orm/table_info.hpp>

#include <vector>

namespace tusk::orm::detail {

/// The tables, referred ones first; where nothing else decides, by their names.
std::vector<const table_info*> in_order_of_reference(std::vector<const table_info*> tables);

} // namespace tusk::orm::detail
