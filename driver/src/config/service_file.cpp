#include "config/service_file.hpp"

#include "config/keys.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include <sys/stat.h>

namespace tusk::config {

namespace {

/// Where Debian's libpq looks.
constexpr const char* system_folder = "/etc/postgresql-common";

constexpr std::size_t longest_line = 1023;

constexpr std::string_view blanks = " \t\n\v\f\r";

bool exists(const std::string& file)
{
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0;
}

std::string_view trim(std::string_view line)
{
    const std::size_t first = line.find_first_not_of(blanks);
    return first == line.npos ? std::string_view{} : line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

[[noreturn]] void fail(const std::string& file, std::size_t line, std::string_view what)
{
    throw usage_error{fmt::format("service file \"{}\", line {}: {}", file, line, what)};
}

setting read_pair(std::string_view line, const std::string& file, std::size_t number)
{
    const std::size_t sign = line.find('=');
    if (sign == line.npos)
        fail(file, number, "there is no '='; write key=value");
    const std::string_view name = line.substr(0, sign);
    if (name == "service" || name == "servicefile")
        fail(file, number, "a service cannot refer to another service or file; write its settings out");
    const auto keys = known_keys();
    if (std::ranges::find(keys, name, &key::name) == keys.end())
        fail(file, number, "the key is not known; no blank may stand before '='");
    const std::string_view value = line.substr(sign + 1);
    if (value.find('\0') != value.npos)
        fail(file, number, "the value holds a zero byte");
    return {std::string{name}, std::string{value}};
}

/// The settings of one section; nothing where the file does not have it.
std::optional<settings> read_section(const std::string& file, std::string_view name)
{
    std::ifstream in{file};
    if (!in)
        throw usage_error{
            fmt::format("the service file \"{}\" cannot be read; check the name and its permissions", file)};
    const std::string title = fmt::format("[{}]", name);
    std::optional<settings> found;
    std::size_t number = 0;
    for (std::string text; std::getline(in, text);) {
        ++number;
        if (text.size() > longest_line)
            fail(file, number, fmt::format("it is longer than {} bytes", longest_line));
        const std::string_view line = trim(text);
        if (line.empty() || line.front() == '#')
            continue;
        if (line.front() == '[') {
            if (found)
                break;
            if (line.starts_with(title))
                found.emplace();
        } else if (found) {
            setting entry = read_pair(line, file, number);
            if (std::ranges::find(*found, entry.key, &setting::key) == found->end())
                found->push_back(std::move(entry));
        }
    }
    return found;
}

} // namespace

settings read_service(std::string_view name, std::optional<std::string> file, const environment_reader& environment,
                      const std::string& home)
{
    if (!file)
        file = environment("PGSERVICEFILE");
    if (!file && !home.empty() && exists(home + "/.pg_service.conf"))
        file = home + "/.pg_service.conf";
    if (file) {
        if (auto found = read_section(*file, name))
            return *std::move(found);
    }
    const std::string shared = environment("PGSYSCONFDIR").value_or(system_folder) + "/pg_service.conf";
    if (exists(shared)) {
        if (auto found = read_section(shared, name))
            return *std::move(found);
    }
    throw usage_error{fmt::format("the service \"{}\" is not defined{}{}; add a section for it, or mend the name", name,
                                  file ? " in " : "", file.value_or(""))};
}

} // namespace tusk::config
