#pragma once

#include "support/process.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

/// What is special about a cluster.
struct cluster_recipe {
    std::string authentication;        ///< Lines of pg_hba.conf that come before the usual ones.
    std::string identities;            ///< Lines of pg_ident.conf.
    std::vector<std::string> settings; ///< `name=value`
    std::filesystem::path copy_of;     ///< A data folder to begin with, instead of an empty one.
    /// Adds files to the data folder before the first start; they are handed over to the server's user.
    std::function<void(const std::filesystem::path& data)> prepare;
};

/// A throw-away PostgreSQL cluster: made by the constructor, gone after the destructor.
///
/// Its life hangs on ours, whatever ends us. A small shell, its guardian, is the server's parent and waits for the end
/// of a pipe that we hold open: when it comes, because we close it or because we were killed, the guardian stops the
/// server at once and removes its folder. The orderly end takes the same way, so the other is tested by every run.
/// (PR_SET_PDEATHSIG would not do: it fires when the starting *thread* ends, leaves the folder in memory, and is lost
/// when the child changes its user. The guardian is in a session of its own and no descendant of ours, so a Ctrl-C or a
/// test runner that kills the process tree does not take it along.)
class cluster
{
public:
    /// Makes and starts it.
    ///
    /// PostgreSQL refuses root, so under root it runs as the user `postgres`. Data and socket are in a private folder
    /// in /dev/shm, or where temporary files go when there is no room.
    /// @param log_name  The name of the log file, when TUSK_TEST_LOG_DIR says where to keep it.
    /// @throws std::runtime_error  PostgreSQL is not installed or does not start; the message holds the end of its log.
    explicit cluster(const std::string& log_name, cluster_recipe recipe = {});
    cluster(const cluster&) = delete;
    cluster& operator=(const cluster&) = delete;

    /// Stops the server at once (its data are of no use to anybody) and waits until its folder is gone.
    ~cluster();

    /// Where the programs of a server are that could be made. @throws std::runtime_error  PostgreSQL is not installed.
    static std::filesystem::path find_programs();

    /// A TCP port of 127.0.0.1 that nobody listens on. Another process may take it.
    static unsigned short free_port();

    /// Where its programs are.
    const std::filesystem::path& bin() const noexcept { return bin_; }
    /// 15 for PostgreSQL 15.
    int major_version() const;
    /// The folder of its socket: short, for `sockaddr_un` holds 108 bytes.
    const std::filesystem::path& socket_dir() const noexcept { return folder_; }
    /// Its TCP port on 127.0.0.1, which also is in the name of the socket.
    unsigned short port() const noexcept { return port_; }
    std::filesystem::path log_path() const;
    std::filesystem::path data() const { return folder_ / "data"; }

    /// The postmaster's process.
    pid_t postmaster() const;

private:
    void initialise();
    void hand_over_data() const;
    void launch();
    bool wait_until_ready() const;
    void stop() noexcept;
    const user_identity* identity() const noexcept { return identity_ ? &*identity_ : nullptr; }

    cluster_recipe recipe_;
    std::filesystem::path bin_;
    std::optional<user_identity> identity_;
    std::filesystem::path folder_;
    std::filesystem::path log_path_; // empty: in the folder, and gone with it
    unsigned short port_ = 0;
    pid_t owner_;
    owned_fd leash_;          // closing it ends the server
    owned_fd server_alive_;   // at its end when the server's last process is gone
    owned_fd guardian_alive_; // at its end when the guardian is done
};

/// The last lines of a file, for messages.
std::string tail_of(const std::filesystem::path& file, std::size_t lines);

} // namespace tusk::test
