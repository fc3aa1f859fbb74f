#pragma once

#include <string>
#include <vector>

namespace tusk::config {

/// One key and its value, as a connection string gives them, decoded.
struct setting {
    std::string key;
    std::string value;
};

/// In the order of the string; of a doubled key the last counts.
using settings = std::vector<setting>;

} // namespace tusk::config
