#include "support/restartable.hpp"

#include "support/process.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace tusk::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

std::string content_of(const fs::path& file)
{
    std::ifstream in{file};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

template <class Condition>
void wait_until(Condition holds, const char* what)
{
    const auto limit = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > limit)
            throw std::runtime_error{what};
        std::this_thread::sleep_for(2ms);
    }
}

} // namespace

restartable::restartable() : server_{"restartable"} {}

restartable::~restartable()
{
    try {
        if (!restarted_)
            return;
        ::kill(server_.postmaster(), SIGQUIT);
        wait_until([this] { return !fs::exists(server_.data() / "postmaster.pid"); }, "the server does not stop");
    } catch (const std::exception& failed) {
        fmt::print(stderr, "{}\n", failed.what());
    }
}

std::string restartable::conninfo() const
{
    return fmt::format("host={} port={} user=postgres dbname=postgres", server_.socket_dir().string(), server_.port());
}

void restartable::restart()
{
    const fs::path pid_file = server_.data() / "postmaster.pid";
    struct stat owner{};
    if (::stat(server_.data().c_str(), &owner) != 0)
        throw std::runtime_error{"the server's data are gone"};
    const std::string command = content_of(server_.data() / "postmaster.opts");
    ::kill(server_.postmaster(), SIGINT);
    wait_until([&] { return !fs::exists(pid_file); }, "the server does not stop");
    const user_identity identity{owner.st_uid, owner.st_gid};
    const std::string script = fmt::format("exec </dev/null >{}/restart.log 2>&1\n{} &", server_.socket_dir().string(),
                                           command.substr(0, command.find('\n')));
    run_process({"/bin/sh", "-c", script}, owner.st_uid == ::getuid() ? nullptr : &identity);
    restarted_ = true;
    wait_until([&] { return content_of(pid_file).find("ready") != std::string::npos; }, "the server does not start");
}

} // namespace tusk::test
