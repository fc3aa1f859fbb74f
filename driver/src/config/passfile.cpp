#include "config/passfile.hpp"

#include <fmt/format.h>

#include <openssl/crypto.h>

#include <fstream>
#include <optional>

#include <sys/stat.h>

namespace tusk::config {

namespace {

/// The rest of a line behind a field that fits; nothing where it does not.
std::optional<std::string_view> skip_field(std::string_view line, std::string_view wanted)
{
    if (line.starts_with("*:"))
        return line.substr(2);
    std::size_t at = 0;
    for (std::size_t next = 0; at != line.size(); ++at, ++next) {
        if (line[at] == ':' && next == wanted.size())
            return line.substr(at + 1);
        // A backslash takes the next letter as it is.
        if (line[at] == '\\' && at + 1 != line.size())
            ++at;
        if (next == wanted.size() || line[at] != wanted[next])
            return std::nullopt;
    }
    return std::nullopt;
}

std::string take_password(std::string_view rest)
{
    std::string password;
    for (std::size_t at = 0; at != rest.size() && rest[at] != ':'; ++at) {
        if (rest[at] == '\\' && at + 1 != rest.size())
            ++at;
        password += rest[at];
    }
    return password;
}

/// Why a file is not to be used; empty where it may be.
std::string objection(const std::string& file, const struct stat& status)
{
    if (!S_ISREG(status.st_mode))
        return fmt::format("the password file \"{}\" is ignored, since it is not a regular file", file);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fmt::format(
            "the password file \"{}\" is ignored, since others can read or write it; chmod 0600 mends it", file);
    return {};
}

} // namespace

passfile_entry look_up_password(const std::string& file, std::string_view host, std::uint16_t port,
                                std::string_view dbname, std::string_view user)
{
    passfile_entry found;
    struct stat status{};
    if (file.empty() || ::stat(file.c_str(), &status) != 0)
        return found;
    found.remark = objection(file, status);
    if (!found.remark.empty())
        return found;
    std::ifstream in{file};
    if (!in) {
        found.remark = fmt::format("the password file \"{}\" cannot be read", file);
        return found;
    }
    if (host.empty() || host == "/var/run/postgresql" || host == "/tmp")
        host = "localhost";
    const std::string number = std::to_string(port);
    for (std::string line; std::getline(in, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        std::optional<std::string_view> rest{line};
        if (line.starts_with('#'))
            rest.reset();
        for (const std::string_view wanted : {host, std::string_view{number}, dbname, user}) {
            if (rest)
                rest = skip_field(*rest, wanted);
        }
        if (rest)
            found.password = take_password(*rest);
        OPENSSL_cleanse(line.data(), line.size());
        if (rest)
            break;
    }
    return found;
}

} // namespace tusk::config
