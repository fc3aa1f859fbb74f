#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

/// " /*key='value',...*/", sorted by key; empty where there are none.
/// @throws usage_error  A key is empty.
/// @see The sqlcommenter specification: keys and values are URL-encoded.
std::string sql_comment(std::vector<std::pair<std::string, std::string>> tags);

} // namespace tusk::detail
