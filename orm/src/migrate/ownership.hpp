#pragma once

#include "migrate/history.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::migrate::detail {

/// What the revisions have made, by schema and name. Only that, and what the model has, may be dropped.
struct owned_objects {
    using name = std::pair<std::string, std::string>;
    std::set<name> tables;
    std::set<name> types;
};

/// @param default_schema  A name in it counts as one without a schema.
owned_objects owned_by(const history& all, std::string_view default_schema);

} // namespace tusk::migrate::detail
