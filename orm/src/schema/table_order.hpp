#pragma once

#include <tusk/orm/metadata.hpp>

#include <string>
#include <vector>

namespace tusk::orm::detail {

/// A table at its turn, and the foreign keys that it can have from the start: those to tables before it and to itself.
struct ordered_table {
    const table_info* table = nullptr;
    std::vector<const foreign_key_info*> foreign_keys;
    std::vector<const foreign_key_info*> later; ///< Those that close a cycle.
};

/// The tables, referred ones first; where nothing else decides, in the order in which they were described.
std::vector<ordered_table> in_dependency_order(const metadata& of);

/// The schemas that tables and types name, each once.
std::vector<std::string> schemas_of(const metadata& of);

} // namespace tusk::orm::detail
