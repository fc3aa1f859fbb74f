#pragma once

// What is installed on a Debian system, as its package manager keeps it in a text file: paragraphs of "Field: value"
// lines, one paragraph a package. See deb-control(5) and section 7.1 of the Debian policy for the syntax of relations.

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace debian {

// One name in a list of them. In "Depends: libc6 (>= 2.34), mawk | gawk", gawk is alternative 2 at position 2.
struct relation {
    std::string kind;
    std::int32_t position{};
    std::int32_t alternative{};
    std::string name;
    std::optional<std::string> comparison;
    std::optional<std::string> version;
};

struct package {
    std::string name;
    std::string architecture;
    std::string version;
    std::optional<std::string> section;
    std::optional<std::int64_t> installed_kib;
    std::string maintainer;
    std::string summary;
    std::vector<relation> dependencies;
    std::vector<relation> provides;
};

inline std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// Takes off `rest` what stands before the separator, and the separator.
inline std::string_view cut(std::string_view& rest, std::string_view separator)
{
    const std::size_t end = rest.find(separator);
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + separator.size());
    return head;
}

// "python3:any (>= 3.11~)": a name, perhaps an architecture, perhaps a version to compare with.
inline relation parse_relation(std::string_view text)
{
    relation parsed;
    std::string_view constraint = text;
    std::string_view name = cut(constraint, "(");
    parsed.name = trim(cut(name, ":"));
    if (!constraint.empty()) {
        constraint = trim(cut(constraint, ")"));
        const std::size_t version = constraint.find_first_not_of("<>=");
        parsed.comparison = constraint.substr(0, version);
        parsed.version = trim(constraint.substr(parsed.comparison->size()));
    }
    return parsed;
}

inline void add_relations(std::vector<relation>& to, std::string_view kind, std::string_view list)
{
    for (std::int32_t position = 1; !list.empty(); ++position) {
        std::string_view alternatives = cut(list, ",");
        for (std::int32_t alternative = 1; !alternatives.empty(); ++alternative) {
            relation& added = to.emplace_back(parse_relation(cut(alternatives, "|")));
            added.kind = kind;
            added.position = position;
            added.alternative = alternative;
        }
    }
}

using fields = std::map<std::string_view, std::string_view>;

inline fields parse_fields(std::string_view paragraph)
{
    fields found;
    while (!paragraph.empty()) {
        // A line that begins with a blank continues the field above it.
        std::size_t end = paragraph.find('\n');
        while (end != std::string_view::npos && paragraph.substr(end + 1, 1).find_first_of(" \t") == 0)
            end = paragraph.find('\n', end + 1);
        std::string_view value = paragraph.substr(0, end);
        paragraph.remove_prefix(end == std::string_view::npos ? paragraph.size() : end + 1);
        const std::string_view name = cut(value, ":");
        found.emplace(name, trim(value));
    }
    return found;
}

inline package parse_package(const fields& found)
{
    const auto field = [&](std::string_view name) {
        const auto at = found.find(name);
        return at == found.end() ? std::string_view{} : at->second;
    };
    package parsed;
    parsed.name = field("Package");
    parsed.architecture = field("Architecture");
    parsed.version = field("Version");
    parsed.maintainer = field("Maintainer");
    std::string_view description = field("Description");
    parsed.summary = cut(description, "\n");
    if (found.contains("Section"))
        parsed.section = field("Section");
    if (const std::string_view size = field("Installed-Size"); !size.empty()) {
        std::int64_t kib = 0;
        if (std::from_chars(size.data(), size.data() + size.size(), kib).ec != std::errc{})
            throw std::runtime_error{"the Installed-Size of " + parsed.name + " is not a number"};
        parsed.installed_kib = kib;
    }
    add_relations(parsed.dependencies, "Pre-Depends", field("Pre-Depends"));
    add_relations(parsed.dependencies, "Depends", field("Depends"));
    add_relations(parsed.provides, "Provides", field("Provides"));
    return parsed;
}

// The packages that are completely installed. The file also knows removed ones that left configuration files behind.
inline std::vector<package> read_status(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file)
        throw std::system_error{errno, std::generic_category(), "cannot open " + path};
    const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};

    std::vector<package> packages;
    std::string_view rest = text;
    while (!rest.empty()) {
        const fields found = parse_fields(cut(rest, "\n\n"));
        // "install ok installed": what was asked for, whether it needs repair, what it is now.
        const auto status = found.find("Status");
        if (status != found.end() && found.contains("Package") && status->second.ends_with(" installed"))
            packages.push_back(parse_package(found));
    }
    if (packages.empty())
        throw std::runtime_error{path + " lists no installed packages: is it the status file of dpkg?"};
    return packages;
}

} // namespace debian
