#include "support/guarded_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace tusk::test {

namespace {

// Standard input ends when our owner does.
constexpr const char* guardian_script = R"(
"$@" </dev/null &
read -r end
kill -CONT "$!"
kill "$!"
wait "$!"
)";

exec_strings guarded(std::vector<std::string> arguments)
{
    std::vector<std::string> command{"/bin/sh", "-c", guardian_script, "tusk-guardian"};
    command.insert(command.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
    return exec_strings{std::move(command)};
}

} // namespace

guarded_program::guarded_program(std::vector<std::string> arguments, const std::filesystem::path& output,
                                 const user_identity* identity)
{
    const exec_strings argv = guarded(std::move(arguments));
    const exec_strings environment{server_environment()};
    const owned_fd written{::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
    if (written.get() < 0)
        throw std::system_error{errno, std::generic_category(), output.string()};
    pipe_ends leash = make_pipe();
    guardian_ = ::fork();
    if (guardian_ < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (guardian_ == 0) {
        ::setsid();
        if (::dup2(leash.read.get(), 0) == 0 && ::dup2(written.get(), 1) == 1 && ::dup2(written.get(), 2) == 2) {
            ::close_range(3, ~0U, 0);
            if (become(identity))
                ::execve(argv.data()[0], argv.data(), environment.data());
        }
        ::_exit(127);
    }
    leash_ = std::move(leash.write);
}

guarded_program::~guarded_program()
{
    leash_.reset();
    wait_for(guardian_);
}

} // namespace tusk::test
