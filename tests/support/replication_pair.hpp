#pragma once

#include "support/cluster.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tusk::test {

/// A primary and a standby that follows it, of our own. Both let the superuser in by the socket and by TCP as
/// `t_any`.
class replication_pair
{
public:
    replication_pair();
    ~replication_pair();
    replication_pair(const replication_pair&) = delete;
    replication_pair& operator=(const replication_pair&) = delete;

    /// Also when the primary is gone.
    [[nodiscard]] unsigned short primary_port() const noexcept { return primary_port_; }
    [[nodiscard]] unsigned short standby_port() const noexcept { return standby_->port(); }

    /// Runs statements on one of the two as the superuser.
    std::string on_primary(std::string_view sql) const;
    std::string on_standby(std::string_view sql) const;

    /// Ends the primary, and makes the standby one.
    void promote();

private:
    std::filesystem::path seed_; ///< The primary's data before its first start.
    unsigned short primary_port_ = 0;
    std::unique_ptr<cluster> primary_;
    std::unique_ptr<cluster> standby_;
};

} // namespace tusk::test
