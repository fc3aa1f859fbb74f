#pragma once

#include "migrate/history.hpp"

#include <tusk/driver/connection.hpp>

#include <asio/awaitable.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

enum class direction { upgrade, downgrade };

std::string_view word_of(direction way) noexcept;

/// A revision as the log has it.
struct logged_revision {
    std::string content_hash;
    std::string running; ///< "upgrade" or "downgrade" where it is half done, otherwise empty.
    int statements_done = 0;
};

/// The two tables by which a database knows what was applied: one row a head, as Alembic has it, and a log.
class version_table
{
public:
    explicit version_table(std::string_view name);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& log_name() const noexcept { return log_name_; }
    [[nodiscard]] const std::string& sql_name() const noexcept { return sql_name_; }
    [[nodiscard]] const std::string& log_sql_name() const noexcept { return sql_log_name_; }

    /// Statements that make the tables where they are missing.
    [[nodiscard]] std::vector<std::string> creation() const;
    /// Statements that lead from some heads to others; each must affect one row.
    [[nodiscard]] std::vector<std::string> move(const std::vector<std::string>& from,
                                                const std::vector<std::string>& to) const;
    [[nodiscard]] std::string log_done(const revision& of, direction way) const;
    [[nodiscard]] std::string log_progress(const revision& of, direction way, std::size_t statements) const;

    [[nodiscard]] asio::awaitable<std::vector<std::string>> read_versions(connection& on) const;
    [[nodiscard]] asio::awaitable<std::map<std::string, logged_revision>> read_log(connection& on) const;

private:
    std::string name_;
    std::string log_name_;
    std::string sql_name_;
    std::string sql_log_name_;
};

} // namespace tusk::migrate::detail
