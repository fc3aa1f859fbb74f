#pragma once

#include <tusk/driver/transaction_options.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::detail {

using setting_list = std::vector<std::pair<std::string, std::string>>;

/// What was said of a transaction before it began.
struct transaction_wishes {
    isolation level = isolation::server_default;
    access mode = access::server_default;
    deferrable wait = deferrable::server_default;
    setting_list settings;
};

/// @throws usage_error  The name is empty, or one of them holds a zero byte.
void check_setting(std::string_view name, std::string_view value);

/// One statement that makes them true until the transaction ends, and returns no rows; empty where there are none.
std::string settings_statement(const setting_list& first, const setting_list& second);

} // namespace tusk::detail
