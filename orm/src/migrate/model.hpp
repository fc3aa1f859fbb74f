#pragma once

#include "migrate/snapshot.hpp"

#include <tusk/driver/transaction.hpp>
#include <tusk/orm/metadata.hpp>

#include <asio/awaitable.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

/// Where a model is built so that it disturbs nobody.
struct building_site {
    /// The schema of the mapping (empty: where the search path leads), and the one that it is built in.
    std::map<std::string, std::string, std::less<>> schemas;
    std::string default_schema;         ///< Where the search path leads.
    std::vector<std::string> to_create; ///< Those that are not there yet.
    std::string build_path;             ///< The search path for building.
    std::string read_path;              ///< ... for reading the model back
    std::string live_path;              ///< ... and for reading the database.
};

/// The session's schema of temporary objects, where no name of two schemas collides there; otherwise scratch schemas,
/// which go with the transaction.
/// @throws usage_error  The role may use neither.
asio::awaitable<building_site> choose_site(transaction& in, const orm::metadata& of, std::string default_schema);
/// In a throw-away database: schemas of the same names.
building_site site_in_shadow(const orm::metadata& of, const std::string& default_schema);

/// The model as the catalog tells it after it was built, and what could not be built.
struct built_model {
    snapshot has;
    std::vector<std::string> not_compared; ///< For the user: what and why.
    std::set<std::string> unknown;         ///< `part_key` of each of them.
};

/// @param kind  "column", "constraint" or "index".
std::string part_key(std::string_view schema, std::string_view table, std::string_view kind, std::string_view name);

/// Builds a model and reads it back. The transaction must be rolled back afterwards.
asio::awaitable<built_model> build_model(transaction& in, const orm::metadata& of, const building_site& at);

asio::awaitable<void> set_search_path(transaction& in, std::string path);

} // namespace tusk::migrate::detail
