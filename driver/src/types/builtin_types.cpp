#include "types/builtin_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace tusk {

namespace {

struct builtin_type {
    oid number;
    std::string_view name;
    oid array;
    bool binary_output;
    type_kind kind;
    oid of;
};

struct spelling {
    std::string_view name;
    oid number;
};

constexpr auto types = std::to_array<builtin_type>({
#include "types/builtin_types_table.inc"
});

constexpr auto spellings = std::to_array<spelling>({
#include "types/builtin_type_names.inc"
});

static_assert(std::ranges::is_sorted(types, {}, &builtin_type::number), "looked up by bisection");
static_assert(std::ranges::is_sorted(spellings, {}, &spelling::name), "looked up by bisection");

const builtin_type* find(oid number) noexcept
{
    const auto* found = std::ranges::lower_bound(types, number, {}, &builtin_type::number);
    return found != types.end() && found->number == number ? found : nullptr;
}

constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Lower case outside quotes, single spaces, none at the ends or before a bracket.
std::string normalised(std::string_view name)
{
    std::string result;
    result.reserve(name.size());
    bool quoted = false;
    bool space_before = false;
    for (const char c : name) {
        if (!quoted && is_space(c)) {
            space_before = !result.empty();
            continue;
        }
        if (space_before && c != '[' && c != ']')
            result += ' ';
        space_before = false;
        if (c == '"')
            quoted = !quoted;
        result += !quoted && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

oid spelled(std::string_view name) noexcept
{
    const auto* found = std::ranges::lower_bound(spellings, name, {}, &spelling::name);
    return found != spellings.end() && found->name == name ? found->number : 0;
}

} // namespace

std::string_view type_name(oid type) noexcept
{
    const builtin_type* found = find(type);
    return found == nullptr ? std::string_view{} : found->name;
}

std::string describe_type(oid type)
{
    if (type == 0)
        return "an unspecified type";
    const std::string_view name = type_name(type);
    return name.empty() ? fmt::format("type with OID {}", type) : std::string{name};
}

oid type_oid(std::string_view name)
{
    const std::string whole = normalised(name);
    std::string_view element = whole;
    // An array type has one OID whatever its number of dimensions: int[] and int[][] are the same type.
    while (element.ends_with("[]"))
        element.remove_suffix(2);
    const oid type = spelled(element);
    return element.size() == whole.size() ? type : array_type_oid(type);
}

oid array_type_oid(oid element) noexcept
{
    const builtin_type* found = find(element);
    return found == nullptr ? 0 : found->array;
}

type_kind builtin_kind(oid type) noexcept
{
    const builtin_type* found = find(type);
    return found == nullptr ? type_kind::unknown : found->kind;
}

oid builtin_of(oid type) noexcept
{
    const builtin_type* found = find(type);
    return found == nullptr ? 0 : found->of;
}

bool has_binary_output(oid type) noexcept
{
    const builtin_type* found = find(type);
    return found != nullptr && found->binary_output;
}

} // namespace tusk
