#include <tusk/driver/detail/array_wire.hpp>

#include "types/failures.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <limits>

namespace tusk::detail {

namespace {

constexpr oid int2vector = 22;
constexpr oid oidvector = 30;

} // namespace

bool is_plain_array(server_type type) noexcept { return type != int2vector && type != oidvector; }

// ---- What does not fit.

void fail_null_element(std::string_view container, std::string_view element)
{
    throw decode_error{fmt::format("an array that is read as {0} has a NULL element: read its elements as "
                                   "std::optional<{1}>",
                                   container, element)};
}

void fail_dimensions(std::size_t received, std::size_t expected, std::string_view type)
{
    throw decode_error{fmt::format("an array of {} dimension(s) cannot be read as {}, which has {}: nest as many "
                                   "vectors, or read it as tusk::array",
                                   received, type, expected)};
}

void fail_extent(std::size_t received, std::size_t expected, std::string_view type)
{
    throw decode_error{
        fmt::format("an array with {} element(s) in a dimension cannot be read as {}, which has {}: read "
                    "it as std::vector",
                    received, type, expected)};
}

void fail_ragged(std::string_view type)
{
    throw encode_error{fmt::format("the rows of a {} differ in length, and those of a PostgreSQL array cannot", type)};
}

void fail_element_count()
{
    throw encode_error{"the elements of an array are not as many as its dimensions say, or more than PostgreSQL can "
                       "hold"};
}

void fail_element_type(server_type element, std::string_view type)
{
    throw decode_error{
        fmt::format("an array of {} cannot be read as {}: read it as another C++ type, or cast it in the "
                    "SQL, such as ::text[]",
                    describe_type(element), type)};
}

// ---- Writing.

void quote_written(byte_writer& out, std::size_t begin)
{
    const std::span<const std::byte> written = out.bytes().subspan(begin);
    std::string quoted = "\"";
    quoted.reserve(written.size() + 2);
    for (const std::byte each : written) {
        const char c = static_cast<char>(each);
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    quoted += '"';
    out.truncate(begin);
    out.put_text(quoted);
}

array_writer::array_writer(byte_writer& out, server_type element, format as,
                           std::span<const array_dimension> dimensions)
    : out_{out}, delimiter_{element.delimiter()}, is_text_{as == format::text}, rank_{dimensions.size()}
{
    if (rank_ > most_dimensions)
        throw encode_error{fmt::format("an array of {} dimensions is more than the six that PostgreSQL has", rank_)};
    if (is_text_)
        write_bounds(dimensions);
    else
        write_header(element, dimensions);
}

void array_writer::write_header(server_type element, std::span<const array_dimension> dimensions)
{
    out_.put(static_cast<std::int32_t>(rank_));
    flags_at_ = out_.size();
    out_.put(std::int32_t{0});
    out_.put(element.number());
    for (const array_dimension& each : dimensions) {
        out_.put(each.size);
        out_.put(each.lower);
    }
}

void array_writer::write_bounds(std::span<const array_dimension> dimensions)
{
    std::uint64_t elements = 1;
    for (std::size_t i = rank_; i-- != 0;) {
        elements *= static_cast<std::uint64_t>(dimensions[i].size);
        between_braces_[i] = elements;
    }
    bool is_usual = true;
    for (const array_dimension& each : dimensions)
        is_usual = is_usual && each.lower == 1;
    if (is_usual)
        return;
    for (const array_dimension& each : dimensions)
        out_.put_text(fmt::format("[{}:{}]", each.lower, std::int64_t{each.lower} + each.size - 1));
    out_.put('=');
}

void array_writer::open_braces()
{
    if (position_ != 0)
        out_.put(delimiter_);
    for (std::size_t i = 0; i != rank_; ++i)
        if (position_ % between_braces_[i] == 0)
            out_.put('{');
}

void array_writer::close_braces()
{
    ++position_;
    for (std::size_t i = 0; i != rank_; ++i)
        if (position_ % between_braces_[i] == 0)
            out_.put('}');
}

void array_writer::null()
{
    if (is_text_) {
        open_braces();
        out_.put_text("NULL");
        close_braces();
        return;
    }
    out_.patch(flags_at_, std::int32_t{1});
    out_.put(std::int32_t{-1});
}

void array_writer::begin()
{
    if (is_text_)
        open_braces();
    else
        out_.put(std::int32_t{0});
    element_at_ = out_.size();
}

void array_writer::end()
{
    if (is_text_) {
        quote_written(out_, element_at_);
        close_braces();
        return;
    }
    const std::size_t length = out_.size() - element_at_;
    if (length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        types::fail_encode("an array", "one of its elements is longer than any PostgreSQL value");
    out_.patch(element_at_ - sizeof(std::int32_t), static_cast<std::int32_t>(length));
}

void array_writer::finish()
{
    if (is_text_ && rank_ == 0)
        out_.put_text("{}");
}

} // namespace tusk::detail
