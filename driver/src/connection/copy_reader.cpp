#include <tusk/driver/copy_reader.hpp>

#include "connection/engine.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/detail/big_endian.hpp>
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

/// A field count of -1 stands behind the last row.
bool is_end(std::span<const std::byte> bytes)
{
    return bytes.size() >= sizeof(std::int16_t) && load_big_endian<std::int16_t>(bytes.data()) == -1;
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
    while (!bytes.empty() && !is_end(bytes)) {
        const std::size_t size = of.rows.note(bytes, of.column_count);
        if (size == 0)
            throw decode_error{fmt::format("row of a binary COPY: it goes on behind the {} bytes that are left of its "
                                           "batch",
                                           bytes.size())};
        bytes = bytes.subspan(size);
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
