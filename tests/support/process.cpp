#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tusk::test {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

// Files in memory instead of pipes: whatever the amounts, neither side ever waits for the other.
owned_fd memory_file(const char* name, std::string_view content = {})
{
    owned_fd file{::memfd_create(name, MFD_CLOEXEC)};
    if (file.get() < 0)
        fail("memfd_create");
    while (!content.empty()) {
        const ssize_t written = ::write(file.get(), content.data(), content.size());
        if (written < 0)
            fail("write");
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::lseek(file.get(), 0, SEEK_SET) < 0)
        fail("lseek");
    return file;
}

std::string content_of(const owned_fd& file)
{
    std::string text;
    std::array<char, 4096> block{};
    off_t at = 0;
    for (;;) {
        const ssize_t count = ::pread(file.get(), block.data(), block.size(), at);
        if (count < 0)
            fail("pread");
        if (count == 0)
            return text;
        text.append(block.data(), static_cast<std::size_t>(count));
        at += count;
    }
}

} // namespace

std::optional<user_identity> server_identity()
{
    if (::geteuid() != 0)
        return std::nullopt;
    const passwd* entry = ::getpwnam("postgres");
    if (entry == nullptr)
        throw std::runtime_error{
            "PostgreSQL's programs do not run as root, and there is no user postgres to run them as"};
    return user_identity{entry->pw_uid, entry->pw_gid};
}

std::vector<std::string> server_environment()
{
    std::vector<std::string> kept{"LC_ALL=C", "PGCLIENTENCODING=UTF8"};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!text.starts_with("PG") && !text.starts_with("LC_ALL=") && !text.starts_with("LANGUAGE="))
            kept.emplace_back(text);
    }
    return kept;
}

exec_strings::exec_strings(std::vector<std::string> strings) : strings_{std::move(strings)}
{
    for (std::string& text : strings_)
        pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
}

bool become(const user_identity* identity) noexcept
{
    if (identity != nullptr &&
        (::setgroups(1, &identity->gid) != 0 || ::setgid(identity->gid) != 0 || ::setuid(identity->uid) != 0))
        return false;
    return ::chdir("/") == 0;
}

int exit_code(int wait_status) noexcept
{
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int wait_for(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            fail("waitpid");
    }
    return exit_code(status);
}

finished_process run_process(const std::vector<std::string>& arguments, const user_identity* identity,
                             std::string_view input)
{
    const owned_fd in = memory_file("stdin", input);
    const owned_fd out = memory_file("stdout");
    const owned_fd err = memory_file("stderr");
    const exec_strings argv{arguments};
    const exec_strings environment{server_environment()};

    const pid_t child = ::fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        if (::dup2(in.get(), 0) == 0 && ::dup2(out.get(), 1) == 1 && ::dup2(err.get(), 2) == 2 && become(identity))
            ::execvpe(argv.data()[0], argv.data(), environment.data());
        ::_exit(127);
    }

    finished_process finished;
    finished.status = wait_for(child);
    finished.out = content_of(out);
    finished.err = content_of(err);
    if (finished.status == 127 && finished.err.empty())
        finished.err = "cannot execute " + arguments.front();
    return finished;
}

owned_fd& owned_fd::operator=(owned_fd&& other) noexcept
{
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

int owned_fd::release() noexcept { return std::exchange(fd_, -1); }

void owned_fd::reset() noexcept
{
    if (fd_ >= 0)
        ::close(release());
}

pipe_ends make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        fail("pipe2");
    return {owned_fd{ends[0]}, owned_fd{ends[1]}};
}

} // namespace tusk::test
