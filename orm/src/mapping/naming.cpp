#include "mapping/naming.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>

namespace tusk::orm::detail {

namespace {

/// FNV-1a: the same in every build and on every machine, since names end up in databases.
std::uint32_t hash(std::string_view text) noexcept
{
    std::uint32_t value = 2166136261U;
    for (const char c : text) {
        value ^= static_cast<unsigned char>(c);
        value *= 16777619U;
    }
    return value;
}

} // namespace

std::string fitting_name(std::string name)
{
    if (name.size() <= longest_name)
        return name;
    const std::string mark = fmt::format("_{:08x}", hash(name));
    std::string::size_type end = longest_name - mark.size();
    // Not in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
        --end;
    return name.substr(0, end) + mark;
}

std::vector<std::string_view> names_of(const std::vector<const column_info*>& columns)
{
    std::vector<std::string_view> names;
    for (const column_info* each : columns)
        names.push_back(each->name);
    return names;
}

std::string primary_key_name(std::string_view table) { return fitting_name(fmt::format("pk_{}", table)); }

std::string unique_name(std::string_view table, const std::vector<std::string_view>& columns)
{
    return fitting_name(fmt::format("uq_{}_{}", table, fmt::join(columns, "_")));
}

std::string index_name(std::string_view table, const std::vector<std::string_view>& columns)
{
    return fitting_name(fmt::format("ix_{}_{}", table, fmt::join(columns, "_")));
}

std::string foreign_key_name(std::string_view table, const std::vector<std::string_view>& columns,
                             std::string_view referred_table)
{
    return fitting_name(fmt::format("fk_{}_{}_{}", table, fmt::join(columns, "_"), referred_table));
}

std::string check_name(std::string_view table, std::string_view what)
{
    return fitting_name(fmt::format("ck_{}_{}", table, what));
}

std::string exclusion_name(std::string_view table, std::string_view what)
{
    return fitting_name(fmt::format("ex_{}_{}", table, what));
}

} // namespace tusk::orm::detail
