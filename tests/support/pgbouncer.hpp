#pragma once

#include "support/guarded_program.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace tusk::test {

/// A PgBouncer with `pool_mode = transaction` in front of the test server: after every transaction a session of the
/// server goes to whichever client comes next. Its log and configuration are in a temporary folder.
class pgbouncer
{
public:
    /// Why there can be none here; empty where there can.
    static std::string missing();

    /// @param sessions  How many sessions of the server all clients share.
    /// @throws std::runtime_error  It does not start; the message holds the end of its log.
    explicit pgbouncer(int sessions);
    pgbouncer(const pgbouncer&) = delete;
    pgbouncer& operator=(const pgbouncer&) = delete;
    ~pgbouncer();

    /// The superuser, through it.
    [[nodiscard]] std::string url() const;

private:
    void configure(int sessions) const;
    [[nodiscard]] bool wait_until_ready() const;

    std::filesystem::path folder_;
    unsigned short port_ = 0;
    std::optional<guarded_program> program_;
};

} // namespace tusk::test
