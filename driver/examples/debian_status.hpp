#pragma once

// What is installed on a Debian system, as its package manager keeps it: a text file with a paragraph a package, made
// of "Field: value" lines. See deb-control(5), and section 7.1 of the Debian policy for the syntax of relations.

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace debian {

// In "Depends: libc6 (>= 2.34), mawk | gawk", gawk is alternative 2 at position 2.
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
    std::vector<relation> relations;
};

inline std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\n");
    return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// Takes off `rest` what stands before the separator, and the separator.
inline std::string_view cut(std::string_view& rest, std::string_view separator)
{
    const std::size_t end = rest.find(separator);
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + separator.size());
    return head;
}

inline void add_relations(package& to, std::string_view kind, std::string_view list)
{
    for (std::int32_t position = 1; !list.empty(); ++position) {
        std::string_view alternatives = cut(list, ",");
        for (std::int32_t alternative = 1; !alternatives.empty(); ++alternative) {
            // "python3:any (>= 3.11~)": a name, perhaps an architecture, perhaps a version to compare with.
            std::string_view rest = cut(alternatives, "|");
            std::string_view name = cut(rest, "(");
            relation& added = to.relations.emplace_back();
            added.kind = kind;
            added.position = position;
            added.alternative = alternative;
            added.name = trim(cut(name, ":"));
            if (const std::string_view wanted = trim(cut(rest, ")")); !wanted.empty()) {
                const std::size_t operator_ends = std::min(wanted.find_first_not_of("<>="), wanted.size());
                added.comparison = wanted.substr(0, operator_ends);
                added.version = trim(wanted.substr(operator_ends));
            }
        }
    }
}

inline std::map<std::string_view, std::string_view> parse_fields(std::string_view paragraph)
{
    std::map<std::string_view, std::string_view> found;
    while (!paragraph.empty()) {
        // A line that begins with a blank continues the field above it.
        std::size_t end = paragraph.find('\n');
        while (end != paragraph.npos && paragraph.substr(end + 1).find_first_of(" \t") == 0)
            end = paragraph.find('\n', end + 1);
        std::string_view value = paragraph.substr(0, end);
        paragraph.remove_prefix(end == paragraph.npos ? paragraph.size() : end + 1);
        const std::string_view name = cut(value, ":");
        found.emplace(name, trim(value));
    }
    return found;
}

// The packages that are completely installed. The file also knows removed ones that left configuration files behind.
inline std::vector<package> read_status(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file)
        throw std::system_error{errno, std::generic_category(), "cannot open " + path};
    std::ostringstream content;
    content << file.rdbuf();
    const std::string text = std::move(content).str();

    std::vector<package> packages;
    for (std::string_view rest = text; !rest.empty();) {
        auto field = parse_fields(cut(rest, "\n\n")); // what is missing reads as ""
        // "install ok installed": what was asked for, whether it needs repair, what it is now.
        if (field["Package"].empty() || !field["Status"].ends_with(" installed"))
            continue;
        package& p = packages.emplace_back();
        p.name = field["Package"];
        p.architecture = field["Architecture"];
        p.version = field["Version"];
        p.maintainer = field["Maintainer"];
        p.summary = cut(field["Description"], "\n");
        if (const std::string_view section = field["Section"]; !section.empty())
            p.section = section;
        const std::string_view size = field["Installed-Size"];
        if (std::int64_t kib = 0; std::from_chars(size.data(), size.data() + size.size(), kib).ec == std::errc{})
            p.installed_kib = kib;
        for (const char* kind : {"Pre-Depends", "Depends", "Provides"})
            add_relations(p, kind, field[kind]);
    }
    if (packages.empty())
        throw std::runtime_error{path + " lists no installed packages: is it the status file of dpkg?"};
    return packages;
}

} // namespace debian
