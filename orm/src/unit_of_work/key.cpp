#include "unit_of_work/key.hpp"

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/named_type.hpp>
#include <tusk/driver/detail/native_value.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace tusk::orm::detail {

namespace {

const void* member_of(const column_info& column, const void* entity)
{
    // The address is asked for only to read: no function for constant entities is needed beside it.
    return column.operations.member(const_cast<void*>(entity)); // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

/// Types of the database's own are known by name only: enough to encode what is compared and never sent.
std::shared_ptr<const type_info> type_named_by(const column_info& column)
{
    static std::mutex lock;
    static std::unordered_map<const column_info*, std::shared_ptr<const type_info>> known;
    const std::scoped_lock now{lock};
    std::shared_ptr<const type_info>& found = known[&column];
    if (!found) {
        std::string_view name = column.type;
        if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos)
            name.remove_prefix(dot + 1);
        if (column.operations.composite != nullptr)
            found = column.operations.composite(name);
        else
            found = tusk::detail::named_type(name, column.enumeration != nullptr ? type_kind::enumeration
                                                                                 : type_kind::scalar);
    }
    return found;
}

} // namespace

std::shared_ptr<const type_info> own_type_of(const column_info& column)
{
    return column.type_oid != 0 ? nullptr : type_named_by(column);
}

format encode_value(const column_info& column, const void* member, byte_writer& out)
{
    const tusk::detail::parameter given{member, column.operations.parameter};
    if (tusk::detail::write_native<tusk::detail::native_length::none>(out, given, column.type_oid))
        return format::binary;
    format as = format::binary;
    bool fits = false;
    std::shared_ptr<const type_info> own;
    if (column.type_oid == 0)
        own = type_named_by(column);
    try {
        fits = column.operations.parameter->write(member, {column.type_oid, own.get()}, out, as);
    } catch (const encode_error& refused) {
        throw encode_error{fmt::format("{}: {}", column.described(), refused.what())};
    }
    if (!fits)
        throw encode_error{fmt::format("{}: {} does not fit a column of type {}", column.described(),
                                       column.operations.parameter->cpp_type, column.type)};
    return as;
}

void append_key_part(std::string& key, std::span<const std::byte> encoded, bool is_only_part)
{
    if (!is_only_part) {
        std::array<std::byte, sizeof(std::uint32_t)> length{};
        tusk::detail::store_big_endian(length.data(), static_cast<std::uint32_t>(encoded.size()));
        key.append(reinterpret_cast<const char*>(length.data()), length.size());
    }
    key.append(reinterpret_cast<const char*>(encoded.data()), encoded.size());
}

bool append_key(std::string& key, std::span<const column_info* const> columns, const void* entity, byte_writer& scratch)
{
    for (const column_info* column : columns) {
        const void* member = member_of(*column, entity);
        if ((column->operations.is_loaded != nullptr && !column->operations.is_loaded(member)) ||
            column->operations.parameter->is_null(member))
            return false;
        scratch.clear();
        encode_value(*column, member, scratch);
        append_key_part(key, scratch.bytes(), columns.size() == 1);
    }
    return true;
}

std::string key_of(const table_info& table, const void* entity, byte_writer& scratch)
{
    std::string key;
    if (!append_key(key, table.primary_key(), entity, scratch))
        throw usage_error{fmt::format("{}: the primary key of an entity is NULL", table.class_name())};
    return key;
}

std::vector<std::string_view> parts_of(std::string_view key, std::size_t count)
{
    if (count == 1)
        return {key};
    std::vector<std::string_view> parts;
    while (parts.size() < count && key.size() >= sizeof(std::uint32_t)) {
        const auto length =
            tusk::detail::load_big_endian<std::uint32_t>(reinterpret_cast<const std::byte*>(key.data()));
        key.remove_prefix(sizeof length);
        parts.push_back(key.substr(0, length));
        key.remove_prefix(parts.back().size());
    }
    return parts;
}

} // namespace tusk::orm::detail
