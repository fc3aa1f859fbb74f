#include "support/cluster.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace tusk::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

// The superuser comes in by the socket only: its folder is private, a TCP port is not. Every other role has the method
// of its name on both.
constexpr std::string_view host_based_authentication = R"(# type db user address method
local all postgres trust
local all u_trust trust
local all u_pass password
local all u_md5 md5
local all u_scram,u_saslprep scram-sha-256
local all u_reject reject
host all u_trust 127.0.0.1/32 trust
host all u_pass 127.0.0.1/32 password
host all u_md5 127.0.0.1/32 md5
host all u_scram,u_saslprep 127.0.0.1/32 scram-sha-256
host all u_reject 127.0.0.1/32 reject
)";

// Standard input ends when the owner does. Descriptor 3 is for the server only: its end tells that the server is gone.
constexpr const char* guardian_script = R"(
folder=$1; shift
"$@" </dev/null >&2 &
server=$!
exec 3>&-
read -r end
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"
)";

// Shared memory is kept in files of the data folder: elsewhere, a postmaster that is killed leaves it behind.
constexpr std::array settings{"fsync=off", "full_page_writes=off", "max_connections=100",
                              "jit=off",   "timezone=UTC",         "dynamic_shared_memory_type=mmap"};

constexpr std::uintmax_t room_for_a_cluster = 512ULL * 1024 * 1024;
constexpr auto start_limit = 60s;
constexpr auto stop_limit = 30s;

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

bool holds_server(const fs::path& bin) { return fs::exists(bin / "postgres") && fs::exists(bin / "initdb"); }

void write_file(const fs::path& file, const std::string& text)
{
    std::ofstream out{file, std::ios::trunc};
    out << text;
    out.close();
    if (!out)
        throw std::runtime_error{fmt::format("cannot write {}", file.string())};
}

fs::path make_private_folder(const std::optional<user_identity>& identity)
{
    fs::path parent = "/dev/shm";
    struct statvfs room{};
    if (::access(parent.c_str(), W_OK) != 0 || ::statvfs(parent.c_str(), &room) != 0 ||
        std::uintmax_t{room.f_bavail} * room.f_frsize < room_for_a_cluster)
        parent = fs::temp_directory_path();
    std::string folder = parent / "tusk-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr)
        fail("mkdtemp");
    if (identity && ::chown(folder.c_str(), identity->uid, identity->gid) != 0)
        fail("chown");
    return folder;
}

/// Waits for the other side of a pipe to be closed by everybody. False when the time is over.
bool wait_for_end(const owned_fd& pipe, std::chrono::milliseconds limit)
{
    pollfd waiting{pipe.get(), POLLIN, 0};
    int ready = 0;
    do
        ready = ::poll(&waiting, 1, static_cast<int>(limit.count()));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

} // namespace

std::string tail_of(const fs::path& file, std::size_t lines)
{
    std::ifstream in{file};
    std::deque<std::string> last;
    for (std::string line; std::getline(in, line);) {
        last.push_back(line);
        if (last.size() > lines)
            last.pop_front();
    }
    return fmt::format("{}", fmt::join(last, "\n"));
}

fs::path cluster::find_programs()
{
    if (const char* chosen = std::getenv("TUSK_PG_BIN"); chosen != nullptr && *chosen != '\0') {
        if (holds_server(chosen))
            return chosen;
        throw std::runtime_error{fmt::format("TUSK_PG_BIN is {}, which holds no postgres and initdb", chosen)};
    }
    fs::path newest;
    int newest_version = 0;
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator{"/usr/lib/postgresql", absent}) {
        const std::string name = entry.path().filename();
        int version = 0;
        std::from_chars(name.data(), name.data() + name.size(), version);
        if (version > newest_version && holds_server(entry.path() / "bin")) {
            newest_version = version;
            newest = entry.path() / "bin";
        }
    }
    if (newest.empty())
        throw std::runtime_error{"no PostgreSQL server below /usr/lib/postgresql: install the package postgresql, "
                                 "or set TUSK_PG_BIN to the folder of initdb and postgres"};
    return newest;
}

// Another process may take it before the server does; starting is tried again then.
unsigned short cluster::free_port()
{
    const owned_fd probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (probe.get() < 0 || ::bind(probe.get(), generic, length) != 0 ||
        ::getsockname(probe.get(), generic, &length) != 0)
        fail("finding a free TCP port");
    return ntohs(address.sin_port);
}

cluster::cluster(const std::string& log_name, cluster_recipe recipe)
    : recipe_{std::move(recipe)}, bin_{find_programs()}, identity_{server_identity()}, owner_{::getpid()}
{
    if (const char* kept = std::getenv("TUSK_TEST_LOG_DIR"); kept != nullptr && *kept != '\0') {
        fs::create_directories(kept);
        log_path_ = fs::absolute(kept) / (log_name + ".log");
    }
    for (int attempts_left = 2;; --attempts_left) {
        try {
            folder_ = make_private_folder(identity_);
            initialise();
            launch();
            if (wait_until_ready())
                return;
        } catch (...) {
            stop();
            throw;
        }
        const std::string log = tail_of(log_path(), 20);
        stop();
        if (attempts_left == 0 || log.find("could not bind") == std::string::npos)
            throw std::runtime_error{fmt::format("PostgreSQL in {} did not start:\n{}", bin_.string(), log)};
    }
}

cluster::~cluster()
{
    // A forked copy of us is not the owner.
    if (::getpid() == owner_)
        stop();
}

int cluster::major_version() const
{
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    const finished_process told = run_process({bin_ / "postgres", "--version"});
    const std::size_t at = told.out.find(") ");
    if (at == std::string::npos)
        throw std::runtime_error{fmt::format("postgres --version says: {}", told.out)};
    return std::atoi(told.out.c_str() + at + 2);
}

fs::path cluster::log_path() const { return log_path_.empty() ? folder_ / "log" : log_path_; }

void cluster::initialise()
{
    std::vector<std::string> command{bin_ / "initdb", "-D",        data(), "-U",   "postgres",        "-A",
                                     "trust",         "--no-sync", "-E",   "UTF8", "--locale=C.UTF-8"};
    if (!recipe_.copy_of.empty())
        command = {"cp", "-a", recipe_.copy_of, data()};
    const finished_process made = run_process(command, recipe_.copy_of.empty() ? identity() : nullptr);
    if (made.status != 0)
        throw std::runtime_error{
            fmt::format("{} failed with status {}:\n{}{}", command.front(), made.status, made.out, made.err)};
    write_file(data() / "pg_hba.conf", recipe_.authentication + std::string{host_based_authentication});
    write_file(data() / "pg_ident.conf", recipe_.identities);
    if (recipe_.prepare)
        recipe_.prepare(data());
    hand_over_data();
}

void cluster::hand_over_data() const
{
    if (!identity_)
        return;
    for (const fs::directory_entry& entry : fs::directory_iterator{data()}) {
        if (::chown(entry.path().c_str(), identity_->uid, identity_->gid) != 0)
            fail("chown");
    }
}

void cluster::launch()
{
    port_ = free_port();
    std::vector<std::string> command{"/bin/sh",
                                     "-c",
                                     guardian_script,
                                     "tusk-guardian",
                                     folder_,
                                     bin_ / "postgres",
                                     "-D",
                                     data(),
                                     "-k",
                                     folder_,
                                     "-h",
                                     "127.0.0.1",
                                     "-p",
                                     std::to_string(port_)};
    for (const char* setting : settings) {
        command.emplace_back("-c");
        command.emplace_back(setting);
    }
    for (const std::string& setting : recipe_.settings) {
        command.emplace_back("-c");
        command.emplace_back(setting);
    }
    const exec_strings argv{std::move(command)};
    const exec_strings environment{server_environment()};
    // Opened with our rights: the folder that keeps it need not be the server's.
    const owned_fd log{::open(log_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (log.get() < 0)
        throw std::runtime_error{fmt::format("cannot write the server's log {}", log_path().string())};
    pipe_ends leash = make_pipe();
    pipe_ends server = make_pipe();
    pipe_ends guardian = make_pipe();

    const pid_t child = ::fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        // The second fork makes the guardian nobody's child, for whoever kills us with all our descendants.
        if (::setsid() < 0 || ::fork() != 0)
            ::_exit(0);
        // Above 3 first, so that no dup2 hits a descriptor that a later one reads.
        const std::array<int, 4> high{::fcntl(leash.read.get(), F_DUPFD, 10),
                                      ::fcntl(guardian.write.get(), F_DUPFD, 10), ::fcntl(log.get(), F_DUPFD, 10),
                                      ::fcntl(server.write.get(), F_DUPFD, 10)};
        for (int at = 0; at < 4; ++at) {
            if (::dup2(high[static_cast<std::size_t>(at)], at) != at)
                ::_exit(127);
        }
        // A pipe of the test runner that stays open would make it wait for us.
        ::close_range(4, ~0U, 0);
        if (become(identity()))
            ::execve(argv.data()[0], argv.data(), environment.data());
        ::_exit(127);
    }
    wait_for(child);
    leash_ = std::move(leash.write);
    server_alive_ = std::move(server.read);
    guardian_alive_ = std::move(guardian.read);
}

bool cluster::wait_until_ready() const
{
    // The eighth line of postmaster.pid is made for this.
    const auto limit = std::chrono::steady_clock::now() + start_limit;
    while (std::chrono::steady_clock::now() < limit) {
        std::ifstream status{data() / "postmaster.pid"};
        std::string line;
        int number = 0;
        while (number < 8 && std::getline(status, line))
            ++number;
        if (number == 8 && line.starts_with("ready"))
            return true;
        if (wait_for_end(server_alive_, 5ms))
            return false;
    }
    return false;
}

pid_t cluster::postmaster() const
{
    std::ifstream status{data() / "postmaster.pid"};
    pid_t pid = 0;
    if (!(status >> pid))
        throw std::runtime_error{"the server is not running"};
    return pid;
}

void cluster::stop() noexcept
{
    leash_.reset();
    if (guardian_alive_.get() >= 0 && !wait_for_end(guardian_alive_, stop_limit))
        std::fprintf(stderr, "the PostgreSQL server in %s did not stop in time\n", folder_.c_str());
    server_alive_.reset();
    guardian_alive_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

} // namespace tusk::test
