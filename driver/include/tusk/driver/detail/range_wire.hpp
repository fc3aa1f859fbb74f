#pragma once

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tusk::detail {

/// One bound of a range value, not decoded yet.
struct raw_bound {
    bool is_unbounded = true;
    bool is_inclusive = false;
    std::span<const std::byte> bytes;
};

/// A range value taken apart. Neither copied nor moved: in text the bounds point into it.
struct raw_range {
    /// @throws decode_error  The bytes are no range.
    raw_range(std::span<const std::byte> whole, format as);
    raw_range(const raw_range&) = delete;
    raw_range& operator=(const raw_range&) = delete;

    bool is_empty = false;
    raw_bound lower;
    raw_bound upper;

private:
    void read_binary(std::span<const std::byte> whole);
    void read_text(std::string_view text);

    std::string unescaped_;
};

/// Goes through the ranges of a multirange value.
class multirange_reader
{
public:
    multirange_reader(std::span<const std::byte> bytes, format as);

    /// @returns False behind the last one.
    bool next(std::span<const std::byte>& range);

private:
    byte_reader binary_;
    std::int32_t left_ = 0;
    std::string_view text_;
    bool is_text_;
};

/// Writes one range value, in binary or in text.
class range_writer
{
public:
    range_writer(byte_writer& out, format as) noexcept : out_{out}, is_text_{as == format::text} {}

    void empty();
    void open(const raw_bound& lower, const raw_bound& upper);
    /// Around each bound that is not infinite, the lower one first.
    void begin_bound();
    void end_bound();
    void between();
    void close(const raw_bound& upper);

private:
    byte_writer& out_;
    bool is_text_;
    std::size_t bound_at_ = 0;
};

} // namespace tusk::detail
