#pragma once

#include "support/process.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace tusk::test {

/// A program that serves tests in the background. Its life hangs on ours, whatever ends us: a small shell waits for the
/// end of a pipe that we hold open, and ends it then.
class guarded_program
{
public:
    /// @param arguments  The program by its path, and its arguments. It must not become a daemon.
    /// @param output     The file that takes what it prints.
    /// @param identity   Whose rights it gets; null for our own.
    /// @throws std::system_error  The process could not be made.
    guarded_program(std::vector<std::string> arguments, const std::filesystem::path& output,
                    const user_identity* identity = nullptr);
    guarded_program(const guarded_program&) = delete;
    guarded_program& operator=(const guarded_program&) = delete;
    /// Ends it with SIGTERM and waits until it is gone, even if it was frozen.
    ~guarded_program();

private:
    pid_t guardian_ = -1;
    owned_fd leash_; // closing it ends the program
};

} // namespace tusk::test
