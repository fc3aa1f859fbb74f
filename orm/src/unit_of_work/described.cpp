// Entities by name, for messages.
#include "unit_of_work/entity_record.hpp"
#include "unit_of_work/key.hpp"

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/oid.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

namespace {

/// For a message; empty where the value says nothing to a reader.
std::string shown(oid type, std::string_view encoded)
{
    const auto* bytes = reinterpret_cast<const std::byte*>(encoded.data());
    switch (type) {
    case 20: return fmt::to_string(tusk::detail::load_big_endian<std::int64_t>(bytes));
    case 23: return fmt::to_string(tusk::detail::load_big_endian<std::int32_t>(bytes));
    case 21: return fmt::to_string(tusk::detail::load_big_endian<std::int16_t>(bytes));
    case 25:
    case 1042:
    case 1043: return fmt::format("'{}'", encoded);
    case 2950: {
        std::string uuid;
        for (std::size_t i = 0; i < encoded.size(); ++i)
            uuid += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                                std::to_integer<unsigned>(bytes[i]));
        return uuid;
    }
    default: return {};
    }
}

} // namespace

std::string described(const entity_record& of)
{
    const std::string& name = of.table->class_name();
    if (of.key.empty())
        return fmt::format("new {} (number {} of those added to the session)", name, of.number);
    std::string text = name;
    const auto& columns = of.table->primary_key();
    const std::vector<std::string_view> parts = parts_of(of.key, columns.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (const std::string value = shown(columns[i]->type_oid, parts[i]); !value.empty())
            text += fmt::format("{}{} {}", i == 0 ? " with " : ", ", columns[i]->name, value);
    return text;
}

} // namespace tusk::orm::detail
