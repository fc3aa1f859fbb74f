#pragma once

#include <string>
#include <vector>

namespace tusk::test {

/// A C++ type in the table of types.
struct listed_type {
    std::string name;
    bool binary_only = false; ///< It does not read the type in text format.
};

/// One built-in type of PostgreSQL in driver/TYPES.md.
struct type_row {
    std::string type;                 ///< Its SQL name.
    std::vector<listed_type> read_as; ///< The first one is the one to prefer.
    std::vector<std::string> written_from;
};

/// The rows of the table of scalar types in driver/TYPES.md, of the source tree that TUSK_SOURCE_DIR names or that the
/// program was started in.
/// @throws std::runtime_error  The file is not there.
std::vector<type_row> scalar_type_table();

} // namespace tusk::test
