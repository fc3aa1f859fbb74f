#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::test {

/// Whose rights a program gets.
struct user_identity {
    uid_t uid = 0;
    gid_t gid = 0;
};

/// Whose rights servers get: PostgreSQL and PgBouncer refuse root, so under root it is the user `postgres`. Otherwise
/// nothing: our own.
/// @throws std::runtime_error  We are root, and there is no such user.
std::optional<user_identity> server_identity();

/// What a program left behind.
struct finished_process {
    /// The exit code, or 128 plus the number of the signal that ended it.
    int status = 0;
    std::string out;
    std::string err;
};

/// Runs a program to its end, in `/` and with the environment of `server_environment()`.
///
/// @param arguments  The program, looked up in PATH when it has no slash, and its arguments.
/// @param identity   Whose rights it gets; null for our own.
/// @param input      What it reads from its standard input.
/// @throws std::system_error  The process could not be made. A program that cannot be executed ends with status 127.
finished_process run_process(const std::vector<std::string>& arguments, const user_identity* identity = nullptr,
                             std::string_view input = {});

/// Our environment without PG* variables (they redirect PostgreSQL's programs) and with English messages.
std::vector<std::string> server_environment();

/// What `exec` takes, made before `fork`: between the two nothing may be allocated.
class exec_strings
{
public:
    explicit exec_strings(std::vector<std::string> strings);

    char* const* data() const noexcept { return pointers_.data(); }

private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_;
};

/// In a new child: gives up our rights for another user's, and leaves a working directory that user may not enter.
/// Safe between `fork` and `exec`. False when refused.
bool become(const user_identity* identity) noexcept;

/// The exit code in a status of `waitpid`, or 128 plus the signal's number.
int exit_code(int wait_status) noexcept;

/// Waits for one child, however often signals interrupt.
int wait_for(pid_t child);

/// A descriptor that is closed on destruction and not inherited by programs that we run.
class owned_fd
{
public:
    owned_fd() = default;
    explicit owned_fd(int fd) noexcept : fd_{fd} {}
    owned_fd(owned_fd&& other) noexcept : fd_{other.release()} {}
    owned_fd& operator=(owned_fd&& other) noexcept;
    ~owned_fd() { reset(); }

    int get() const noexcept { return fd_; }
    int release() noexcept;
    void reset() noexcept;

private:
    int fd_ = -1;
};

struct pipe_ends {
    owned_fd read;
    owned_fd write;
};

/// @throws std::system_error  No descriptor is left.
pipe_ends make_pipe();

} // namespace tusk::test
