#include "support/pgbouncer.hpp"

#include "support/cluster.hpp"
#include "support/process.hpp"
#include "support/server.hpp"

#include <fmt/format.h>

#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace tusk::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* program = "/usr/sbin/pgbouncer";

fs::path make_folder()
{
    std::string name = fs::temp_directory_path() / "tusk-pgbouncer-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"mkdtemp failed"};
    // It reads its configuration as another user when we are root.
    fs::permissions(name, static_cast<fs::perms>(0711));
    return name;
}

} // namespace

std::string pgbouncer::missing()
{
    if (!fs::exists(program))
        return fmt::format("there is no PgBouncer: {} is not installed (Debian: pgbouncer)", program);
    if (!server().is_own())
        return "PgBouncer is put in front of a server of our own, and TUSK_TEST_URL names another";
    return {};
}

pgbouncer::pgbouncer(int sessions) : folder_{make_folder()}
{
    const std::optional<user_identity> identity = server_identity();
    for (int attempts_left = 2;; --attempts_left) {
        port_ = cluster::free_port();
        configure(sessions);
        program_.emplace(std::vector<std::string>{program, folder_ / "pgbouncer.ini"}, folder_ / "log",
                         identity ? &*identity : nullptr);
        if (wait_until_ready())
            return;
        program_.reset();
        const std::string log = tail_of(folder_ / "log", 20);
        // Somebody else may have taken the port.
        if (attempts_left == 0) {
            fs::remove_all(folder_);
            throw std::runtime_error{fmt::format("PgBouncer did not start:\n{}", log)};
        }
        fs::remove(folder_ / "log");
    }
}

pgbouncer::~pgbouncer()
{
    program_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void pgbouncer::configure(int sessions) const
{
    std::ofstream{folder_ / "users"} << "\"postgres\" \"\"\n";
    std::ofstream{folder_ / "pgbouncer.ini"}
        << fmt::format(R"([databases]
postgres = host={} port={} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {}
unix_socket_dir =
auth_type = trust
auth_file = {}
pool_mode = transaction
default_pool_size = {}
max_client_conn = 100
)",
                       server().socket_dir(), server().port(), port_, (folder_ / "users").string(), sessions);
}

bool pgbouncer::wait_until_ready() const
{
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < limit) {
        const std::string log = tail_of(folder_ / "log", 20);
        if (log.find("process up") != std::string::npos)
            return true;
        if (log.find("FATAL") != std::string::npos)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
}

std::string pgbouncer::url() const { return fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", port_); }

} // namespace tusk::test
