#include "unit_of_work/row_image.hpp"

#include "unit_of_work/key.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace tusk::orm::detail {

namespace {

/// What 30 bits can say.
constexpr std::uint32_t longest_row = (std::uint32_t{1} << 30) - 1;

std::string_view as_text(std::span<const std::byte> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view slice(const image_entry* entries, const char* bytes, std::size_t column) noexcept
{
    const std::size_t begin = column == 0 ? 0 : entries[column - 1].end;
    return {bytes + begin, entries[column].end - begin};
}

} // namespace

column_image encode_column(const column_info& column, const entity_node& of, byte_writer& out)
{
    const column_operations& its = column.operations;
    const void* member = its.member(of.object);
    if (its.is_loaded != nullptr && !its.is_loaded(member))
        return column_image::unknown;
    if (its.parameter->is_null(member))
        return column_image::null;
    return encode_value(column, member, out) == format::binary ? column_image::binary : column_image::text;
}

void row_encoder::note(column_image what, const column_info& column)
{
    if (bytes_.size() > longest_row)
        throw encode_error{
            fmt::format("{}: a row of more than 1 GiB cannot be watched for changes", column.described())};
    entries_[column.position] = {.end = static_cast<std::uint32_t>(bytes_.size()) & longest_row,
                                 .what = static_cast<std::uint32_t>(what) & 3U};
}

void row_encoder::encode(const entity_node& of)
{
    bytes_.clear();
    entries_.resize(of.table->columns().size());
    for (const column_info& column : of.table->columns())
        note(encode_column(column, of, bytes_), column);
}

void row_encoder::encode_leniently(const entity_node& of)
{
    bytes_.clear();
    entries_.resize(of.table->columns().size());
    for (const column_info& column : of.table->columns()) {
        const std::size_t begin = bytes_.size();
        column_image what = column_image::unknown;
        try {
            what = encode_column(column, of, bytes_);
        } catch (const encode_error&) {
            bytes_.truncate(begin);
        }
        note(what, column);
    }
}

std::string_view row_encoder::operator[](std::size_t column) const noexcept
{
    return slice(entries_.data(), reinterpret_cast<const char*>(bytes_.bytes().data()), column);
}

std::unique_ptr<row_image> row_image::make(std::span<const image_entry> entries, std::string_view bytes)
{
    void* block = ::operator new(sizeof(row_image) + entries.size_bytes() + bytes.size());
    std::unique_ptr<row_image> made{::new (block) row_image{entries.size()}};
    std::byte* behind = static_cast<std::byte*>(block) + sizeof(row_image);
    std::memcpy(behind, entries.data(), entries.size_bytes());
    if (!bytes.empty())
        std::memcpy(behind + entries.size_bytes(), bytes.data(), bytes.size());
    return made;
}

std::unique_ptr<row_image> row_image::of(const row_encoder& encoded)
{
    return make(encoded.entries(), as_text(encoded.bytes()));
}

column_image row_image::kind(std::size_t column) const noexcept
{
    return static_cast<column_image>(entries()[column].what);
}

std::string_view row_image::operator[](std::size_t column) const noexcept { return slice(entries(), bytes(), column); }

bool row_image::differs(std::size_t column, const row_encoder& from) const noexcept
{
    if (from.kind(column) == column_image::unknown)
        return false; // it was left out of a load meanwhile
    return from.kind(column) != kind(column) || (*this)[column] != from[column];
}

bool row_image::differs(const row_encoder& from) const noexcept
{
    const std::span<const image_entry> now = from.entries();
    // Mostly nothing has changed, and then all of it is the same at once.
    if (count_ == 0 || (std::memcmp(entries(), now.data(), now.size_bytes()) == 0 &&
                        std::memcmp(bytes(), from.bytes().data(), now.back().end) == 0))
        return false;
    for (std::size_t i = 0; i < count_; ++i)
        if (differs(i, from))
            return true;
    return false;
}

std::unique_ptr<row_image> row_image::with(std::size_t column, const row_encoder& from) const
{
    std::vector<image_entry> all;
    std::string bytes;
    for (std::size_t i = 0; i < count_; ++i) {
        const bool is_new = i == column;
        image_entry each = is_new ? from.entries()[i] : entries()[i];
        bytes += is_new ? from[i] : (*this)[i];
        each.end = static_cast<std::uint32_t>(bytes.size()) & longest_row;
        all.push_back(each);
    }
    return make(all, bytes);
}

} // namespace tusk::orm::detail
