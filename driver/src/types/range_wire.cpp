#include <tusk/driver/detail/range_wire.hpp>

#include "types/failures.hpp"
#include "types/wire.hpp"

#include <tusk/driver/detail/array_wire.hpp>
#include <tusk/driver/detail/length_scope.hpp>

#include <limits>

namespace tusk::detail {

namespace {

// The flags of a range in binary.
constexpr std::uint8_t flag_empty = 0x01;
constexpr std::uint8_t flag_lower_inclusive = 0x02;
constexpr std::uint8_t flag_upper_inclusive = 0x04;
constexpr std::uint8_t flag_lower_infinite = 0x08;
constexpr std::uint8_t flag_upper_infinite = 0x10;
constexpr std::uint8_t known_flags = 0x1F;

[[noreturn]] void fail_range(std::string_view why) { types::fail_decode("a range", why); }

void take_bound(byte_reader& from, raw_bound& into)
{
    if (!into.is_unbounded && !take_part(from, into.bytes))
        fail_range("one of its bounds is NULL");
}

/// The end of a bound in text: its quotes and escapes undone. What stands behind it is left.
std::string_view take_text_bound(std::string_view text, std::string& into)
{
    bool quoted = false;
    std::size_t at = 0;
    for (; at != text.size(); ++at) {
        const char c = text[at];
        if (!quoted && (c == ',' || c == ')' || c == ']'))
            break;
        if (c == '\\') {
            if (++at == text.size())
                fail_range("its text ends behind a backslash");
            into += text[at];
        } else if (c == '"') {
            // Two quotes inside quotes stand for one.
            if (quoted && at + 1 != text.size() && text[at + 1] == '"')
                into += text[++at];
            else
                quoted = !quoted;
        } else {
            into += c;
        }
    }
    if (at == text.size())
        fail_range("its text ends inside a bound");
    return text.substr(at);
}

} // namespace

raw_range::raw_range(std::span<const std::byte> whole, format as)
{
    if (as == format::text)
        read_text(types::as_text(whole));
    else
        read_binary(whole);
}

void raw_range::read_binary(std::span<const std::byte> whole)
{
    byte_reader from{whole, "range"};
    const auto flags = from.take<std::uint8_t>();
    if ((flags & ~known_flags) != 0)
        fail_range("its flags are none that are known");
    is_empty = (flags & flag_empty) != 0;
    if (!is_empty) {
        lower = {(flags & flag_lower_infinite) != 0, (flags & flag_lower_inclusive) != 0, {}};
        upper = {(flags & flag_upper_infinite) != 0, (flags & flag_upper_inclusive) != 0, {}};
        take_bound(from, lower);
        take_bound(from, upper);
    }
    from.expect_end();
}

void raw_range::read_text(std::string_view text)
{
    if (text == "empty") {
        is_empty = true;
        return;
    }
    if (text.empty() || (text[0] != '[' && text[0] != '('))
        fail_range("its text does not begin with a bracket");
    unescaped_.reserve(text.size());
    lower.is_inclusive = text[0] == '[';
    std::string_view rest = take_text_bound(text.substr(1), unescaped_);
    if (rest[0] != ',')
        fail_range("its text has one bound only");
    const std::size_t lower_size = unescaped_.size();
    lower.is_unbounded = rest.data() == text.data() + 1;
    const char* const upper_begin = rest.data() + 1;
    rest = take_text_bound(rest.substr(1), unescaped_);
    if (rest.size() != 1 || rest[0] == ',')
        fail_range("its text does not end with a bracket");
    upper.is_unbounded = rest.data() == upper_begin;
    upper.is_inclusive = rest[0] == ']';
    lower.bytes = std::as_bytes(std::span{unescaped_}).first(lower_size);
    upper.bytes = std::as_bytes(std::span{unescaped_}).subspan(lower_size);
}

// ---- multirange

multirange_reader::multirange_reader(std::span<const std::byte> bytes, format as)
    : binary_{bytes, "multirange"}, text_{types::as_text(bytes)}, is_text_{as == format::text}
{
    if (!is_text_) {
        left_ = binary_.take<std::int32_t>();
        if (left_ < 0)
            types::fail_decode("a multirange", "it says that it has a negative number of ranges");
        return;
    }
    if (text_.size() < 2 || text_.front() != '{' || text_.back() != '}')
        types::fail_decode("a multirange", "its text is not in braces");
    text_ = text_.substr(1, text_.size() - 2);
}

bool multirange_reader::next(std::span<const std::byte>& range)
{
    if (!is_text_) {
        if (left_ == 0) {
            binary_.expect_end();
            return false;
        }
        --left_;
        if (!take_part(binary_, range))
            types::fail_decode("a multirange", "one of its ranges is NULL");
        return true;
    }
    if (text_.empty())
        return false;
    // A range ends at the first closing bracket outside quotes.
    bool quoted = false;
    std::size_t at = 0;
    while (at != text_.size() && (quoted || (text_[at] != ')' && text_[at] != ']'))) {
        if (text_[at] == '"')
            quoted = !quoted;
        else if (text_[at] == '\\' && at + 1 != text_.size())
            ++at;
        ++at;
    }
    if (at == text_.size())
        types::fail_decode("a multirange", "its text ends inside a range");
    range = std::as_bytes(std::span{text_}).first(at + 1);
    text_.remove_prefix(at + 1);
    if (text_.starts_with(',') && text_.size() > 1)
        text_.remove_prefix(1);
    else if (!text_.empty())
        types::fail_decode("a multirange", "its text does not go on behind a range");
    return true;
}

// ---- Writing.

void range_writer::empty()
{
    if (is_text_)
        out_.put_text("empty");
    else
        out_.put(flag_empty);
}

void range_writer::open(const raw_bound& lower, const raw_bound& upper)
{
    if (is_text_) {
        out_.put(lower.is_inclusive ? '[' : '(');
        return;
    }
    unsigned flags = 0;
    flags |= lower.is_inclusive ? flag_lower_inclusive : 0U;
    flags |= upper.is_inclusive ? flag_upper_inclusive : 0U;
    flags |= lower.is_unbounded ? flag_lower_infinite : 0U;
    flags |= upper.is_unbounded ? flag_upper_infinite : 0U;
    out_.put(static_cast<std::uint8_t>(flags));
}

void range_writer::begin_bound()
{
    if (!is_text_)
        out_.put(std::int32_t{0});
    bound_at_ = out_.size();
}

void range_writer::end_bound()
{
    if (is_text_) {
        quote_written(out_, bound_at_);
        return;
    }
    const std::size_t length = out_.size() - bound_at_;
    if (length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        types::fail_encode("a range", "one of its bounds is longer than any PostgreSQL value");
    out_.patch(bound_at_ - sizeof(std::int32_t), static_cast<std::int32_t>(length));
}

void range_writer::between()
{
    if (is_text_)
        out_.put(',');
}

void range_writer::close(const raw_bound& upper)
{
    if (is_text_)
        out_.put(upper.is_inclusive ? ']' : ')');
}

} // namespace tusk::detail
