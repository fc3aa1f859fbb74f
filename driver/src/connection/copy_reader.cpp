#include <tusk/driver/copy_reader.hpp>

#include "connection/engine.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace tusk {

namespace detail {

namespace {

std::span<const std::byte> without_header(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "binary COPY"};
    reader.take_bytes(11); // the signature
    reader.take<std::int32_t>();
    const auto extension = reader.take<std::int32_t>();
    if (extension < 0)
        throw decode_error{"the header of the binary COPY has a negative length"};
    reader.take_bytes(static_cast<std::size_t>(extension));
    return bytes.last(reader.left());
}

/// The bytes of the row that stands at the beginning: its field count and fields. Empty for the end of the data.
std::span<const std::byte> first_row(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "row of a binary COPY"};
    const auto fields = reader.take<std::int16_t>();
    if (fields == -1)
        return {};
    for (int i = 0; i < fields; ++i)
        if (const auto length = reader.take<std::int32_t>(); length > 0)
            reader.take_bytes(static_cast<std::size_t>(length));
    return bytes.first(bytes.size() - reader.left());
}

} // namespace

const row_store& copy_rows(copy_batch& of)
{
    if (!of.binary)
        throw usage_error{"the COPY is not in binary, so it has no typed rows: write (FORMAT binary), or use data()"};
    if (!of.columns || of.columns->size() != of.column_count)
        throw usage_error{"the types of the columns are not known: name the columns in the COPY, or copy a query in "
                          "parentheses, which tells its types"};
    if (std::exchange(of.is_indexed, true))
        return of.rows;
    of.rows.clear();
    std::span<const std::byte> bytes = of.bytes.bytes();
    if (of.has_header)
        bytes = without_header(bytes);
    while (!bytes.empty()) {
        const std::span<const std::byte> row = first_row(bytes);
        if (row.empty())
            break;
        of.rows.append_row(row, of.column_count);
        bytes = bytes.subspan(row.size());
    }
    return of.rows;
}

} // namespace detail

copy_reader& copy_reader::operator=(copy_reader&& other) noexcept
{
    if (this != &other) {
        copy_reader gone{std::move(*this)};
        source_ = std::move(other.source_);
        batch_ = std::move(other.batch_);
    }
    return *this;
}

copy_reader::~copy_reader()
{
    if (source_) {
        const std::shared_ptr<detail::engine> at = source_->to.connection;
        at->drop_open(std::move(source_));
    }
}

const detail::request_ptr& copy_reader::source() const
{
    if (!source_)
        throw usage_error{"this copy_reader object was moved from"};
    return source_;
}

} // namespace tusk
