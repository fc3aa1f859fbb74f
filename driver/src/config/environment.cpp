#include "config/environment.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace tusk::config {

namespace {

constexpr std::size_t largest_entry = 1024 * 1024;

/// A field of a user's entry in the system's list.
std::optional<std::string> user_field(uid_t id, char* passwd::* field)
{
    std::vector<char> buffer(1024);
    passwd entry{};
    passwd* found = nullptr;
    // Directory services can have large entries; the call says when the buffer is too small.
    while (::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == ERANGE && buffer.size() < largest_entry)
        buffer.resize(buffer.size() * 2);
    if (found == nullptr)
        return std::nullopt;
    return std::string{entry.*field};
}

} // namespace

std::optional<std::string> process_environment(std::string_view name)
{
    // As with libpq: a program that changes its environment does so before it has threads.
    const char* value = std::getenv(std::string{name}.c_str()); // NOLINT(concurrency-mt-unsafe)
    if (name == "HOME" && (value == nullptr || *value == '\0'))
        return user_field(::geteuid(), &passwd::pw_dir);
    if (value == nullptr)
        return std::nullopt;
    return std::string{value};
}

std::optional<std::string> user_name(uid_t id) { return user_field(id, &passwd::pw_name); }

std::string operating_system_user()
{
    const uid_t id = ::geteuid();
    if (auto name = user_name(id))
        return *std::move(name);
    throw usage_error{fmt::format("no user is given to connect as, and the operating system has no name for the "
                                  "user id {}; give one (user=..., or PGUSER)",
                                  id)};
}

} // namespace tusk::config
