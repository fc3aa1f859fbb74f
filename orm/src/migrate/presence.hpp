#pragma once

#include <tusk/driver/transaction.hpp>
#include <tusk/orm/metadata.hpp>

#include <asio/awaitable.hpp>

#include <string>
#include <vector>

namespace tusk::migrate::detail {

/// Which of the objects that a model requires are not there: for each what it is, and what to do.
asio::awaitable<std::vector<std::string>> find_missing(transaction& in, const orm::metadata& model);

} // namespace tusk::migrate::detail
