#include "unit_of_work/row_image.hpp"

#include "unit_of_work/key.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstring>
#include <string>

namespace tusk::orm::detail {

namespace {

/// What 30 bits can say.
constexpr std::uint32_t longest_row = (std::uint32_t{1} << 30) - 1;

std::string_view as_text(std::span<const std::byte> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view slice(std::span<const image_entry> entries, const std::byte* bytes, std::size_t column) noexcept
{
    const std::size_t begin = column == 0 ? 0 : entries[column - 1].end;
    return as_text({bytes + begin, entries[column].end - begin});
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

void row_encoder::add(column_image what, const column_info& column)
{
    if (bytes_.size() > longest_row)
        throw encode_error{
            fmt::format("{}: a row of more than 1 GiB cannot be watched for changes", column.described())};
    entries_.push_back({.end = static_cast<std::uint32_t>(bytes_.size()) & longest_row,
                        .what = static_cast<std::uint32_t>(what) & 3U});
}

void row_encoder::encode(const entity_node& of)
{
    bytes_.clear();
    entries_.clear();
    for (const column_info& column : of.table->columns())
        add(encode_column(column, of, bytes_), column);
}

void row_encoder::encode_leniently(const entity_node& of)
{
    bytes_.clear();
    entries_.clear();
    for (const column_info& column : of.table->columns()) {
        const std::size_t begin = bytes_.size();
        column_image what = column_image::unknown;
        try {
            what = encode_column(column, of, bytes_);
        } catch (const encode_error&) {
            bytes_.truncate(begin);
        }
        add(what, column);
    }
}

std::string_view row_encoder::operator[](std::size_t column) const noexcept
{
    return slice(entries_, bytes_.bytes().data(), column);
}

row_image::row_image(const row_encoder& of)
    : block_{std::make_unique_for_overwrite<std::byte[]>(of.entries().size_bytes() + of.bytes().size())},
      count_{of.entries().size()}
{
    std::memcpy(block_.get(), of.entries().data(), of.entries().size_bytes());
    if (!of.bytes().empty())
        std::memcpy(block_.get() + of.entries().size_bytes(), of.bytes().data(), of.bytes().size());
}

image_entry row_image::entry(std::size_t column) const noexcept
{
    image_entry found;
    std::memcpy(&found, block_.get() + column * sizeof found, sizeof found);
    return found;
}

column_image row_image::kind(std::size_t column) const noexcept
{
    return static_cast<column_image>(entry(column).what);
}

std::string_view row_image::operator[](std::size_t column) const noexcept
{
    const std::size_t begin = column == 0 ? 0 : entry(column - 1).end;
    return as_text({bytes() + begin, entry(column).end - begin});
}

bool row_image::differs(std::size_t column, const row_encoder& from) const noexcept
{
    const image_entry now = from.entries()[column];
    if (static_cast<column_image>(now.what) == column_image::unknown)
        return false; // it was left out of a load meanwhile
    return now.what != entry(column).what || (*this)[column] != slice(from.entries(), from.bytes().data(), column);
}

bool row_image::differs(const row_encoder& from) const noexcept
{
    for (std::size_t i = 0; i < count_; ++i)
        if (differs(i, from))
            return true;
    return false;
}

void row_image::take_over(std::size_t column, const row_encoder& from)
{
    std::vector<image_entry> entries;
    std::string all;
    for (std::size_t i = 0; i < count_; ++i) {
        const bool is_new = i == column;
        image_entry each = is_new ? from.entries()[i] : entry(i);
        all += is_new ? slice(from.entries(), from.bytes().data(), i) : (*this)[i];
        each.end = static_cast<std::uint32_t>(all.size()) & longest_row;
        entries.push_back(each);
    }
    const std::span<const image_entry> made{entries};
    block_ = std::make_unique_for_overwrite<std::byte[]>(made.size_bytes() + all.size());
    std::memcpy(block_.get(), made.data(), made.size_bytes());
    std::memcpy(block_.get() + made.size_bytes(), all.data(), all.size());
}

} // namespace tusk::orm::detail
