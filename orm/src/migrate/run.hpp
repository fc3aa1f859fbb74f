#pragma once

#include "migrate/history.hpp"
#include "migrate/statements.hpp"
#include "migrate/version_table.hpp"

#include <tusk/driver/connection.hpp>
#include <tusk/orm/migrate.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tusk::migrate::detail {

/// Consecutive statements that share a transaction, or one that stands alone.
struct statement_group {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool in_transaction = true;
};
std::vector<statement_group> group_statements(const std::vector<statement>& all, transaction_mode mode);

/// What one run knows.
struct run_context {
    const history& all;
    const settings& with;
    const steps& also;
    version_table versions;
    direction way = direction::upgrade;
    revision_set applied;
    std::map<std::string, logged_revision> log;
};

/// The heads that the database is at, by id.
std::vector<std::string> head_ids(const history& all, const revision_set& applied);

/// @throws usage_error  A step belongs to a revision that is not there: it would never run, and nobody would notice.
void require_revisions_of(const steps& also, const history& all);

/// Applies or undoes one revision.
asio::awaitable<void> run_revision(connection& on, run_context& in, const revision& one);

/// All of them in one transaction.
asio::awaitable<void> run_together(connection& on, run_context& in, const std::vector<const revision*>& path);

/// "a1b2 -> c3d4, add users"
std::string described(const revision& one, direction way);

} // namespace tusk::migrate::detail
