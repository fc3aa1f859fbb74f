#pragma once

#include "support/cluster.hpp"

#include <string>

namespace tusk::test {

/// A server of its own that can be restarted.
class restartable
{
public:
    restartable();
    restartable(const restartable&) = delete;
    restartable& operator=(const restartable&) = delete;
    ~restartable();

    /// The superuser by the socket.
    [[nodiscard]] std::string conninfo() const;

    /// Does what `pg_ctl restart` does, so sessions are ended with FATAL 57P01; on the same port.
    /// @throws std::runtime_error  It does not come back.
    void restart();

private:
    cluster server_;
    bool restarted_ = false; ///< The cluster's guardian knows only the server that it has started.
};

} // namespace tusk::test
