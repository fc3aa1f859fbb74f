// tusk_with_server COMMAND ARGUMENTS...: runs a program beside a throw-away PostgreSQL server.
//
// Replaces {url} in the arguments by the server's URL, which also is in TUSK_DATABASE_URL and TUSK_TEST_URL. Ends with
// the program's exit code, or 128 plus the number of the signal that ended it.

#include "support/process.hpp"
#include "support/server.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

volatile sig_atomic_t program = 0;

extern "C" void pass_on(int signal)
{
    if (program > 0)
        ::kill(program, signal);
}

std::string with_url(std::string argument, const std::string& url)
{
    constexpr std::string_view mark = "{url}";
    for (std::size_t at = argument.find(mark); at != std::string::npos; at = argument.find(mark, at + url.size()))
        argument.replace(at, mark.size(), url);
    return argument;
}

int run(const std::vector<std::string>& command)
{
    const tusk::test::test_server server{std::filesystem::path{command.front()}.filename().native()};
    std::vector<std::string> arguments;
    for (const std::string& argument : command)
        arguments.push_back(with_url(argument, server.url()));
    ::setenv("TUSK_DATABASE_URL", server.url().c_str(), 1);
    ::setenv("TUSK_TEST_URL", server.url().c_str(), 1);
    const tusk::test::exec_strings argv{arguments};

    // A Ctrl-C reaches the program too; what it does about it is its decision, and we stop when it has.
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    struct sigaction interrupt{};
    struct sigaction quit{};
    ::sigaction(SIGINT, &ignore, &interrupt);
    ::sigaction(SIGQUIT, &ignore, &quit);
    struct sigaction forward{};
    forward.sa_handler = pass_on;
    struct sigaction terminate{};
    ::sigaction(SIGTERM, &forward, &terminate);

    const pid_t child = ::fork();
    if (child < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (child == 0) {
        ::sigaction(SIGINT, &interrupt, nullptr);
        ::sigaction(SIGQUIT, &quit, nullptr);
        ::sigaction(SIGTERM, &terminate, nullptr);
        // The program has no use for a server that is gone.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::execvp(argv.data()[0], argv.data());
        std::perror(argv.data()[0]);
        ::_exit(127);
    }
    program = child;
    const int status = tusk::test::wait_for(child);
    program = 0;
    if (status != 0)
        fmt::print(stderr, "{}", server.log_report());
    return status;
}

} // namespace

int main(int argument_count, char** arguments)
{
    if (argument_count < 2) {
        fmt::print(stderr, "usage: tusk_with_server COMMAND [ARGUMENTS, with {{url}} for the server's URL]\n");
        return 2;
    }
    try {
        return run({arguments + 1, arguments + argument_count});
    } catch (const std::exception& problem) {
        fmt::print(stderr, "tusk_with_server: {}\n", problem.what());
        return 1;
    }
}
