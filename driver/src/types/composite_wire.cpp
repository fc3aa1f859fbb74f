#include <tusk/driver/detail/composite_wire.hpp>

#include "types/failures.hpp"
#include "types/wire.hpp"

#include <tusk/driver/detail/array_wire.hpp>
#include <tusk/driver/detail/length_scope.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <limits>

namespace tusk::detail {

namespace {

[[noreturn]] void fail_text(std::string_view why) { types::fail_decode("a composite type", why); }

} // namespace

void fail_null_field(std::string_view composite, std::size_t position, std::string_view type)
{
    throw decode_error{fmt::format("field {} of a composite value is NULL: make that member of {} a std::optional<{}>",
                                   position + 1, composite, type)};
}

void fail_field_type(std::string_view composite, std::size_t position, server_type type, std::string_view cpp_type)
{
    throw decode_error{fmt::format("field {} of a record is of type {}, which the member of {} cannot hold: it is {}. "
                                   "Read it as another C++ type, or cast the field in the SQL",
                                   position + 1, describe_type(type), composite, cpp_type)};
}

// ---- Reading.

composite_reader::composite_reader(std::span<const std::byte> bytes, server_type type, std::size_t count, format as)
    : binary_{bytes, "composite type"}, type_{type}, is_text_{as == format::text}
{
    std::size_t received = 0;
    if (is_text_) {
        read_text(types::as_text(bytes));
        received = pieces_.size();
    } else {
        const auto fields = binary_.take<std::int32_t>();
        received = fields < 0 ? 0 : static_cast<std::size_t>(fields);
    }
    if (received == count)
        return;
    if (type_.kind() == type_kind::composite)
        fail_changed();
    throw decode_error{
        fmt::format("a record of {} field(s) cannot be read as {} value(s): name as many C++ types as it "
                    "has fields",
                    received, count)};
}

void composite_reader::fail_changed() const
{
    type_.mark_outdated();
    throw decode_error{
        fmt::format("a value of type {} has other fields than were described: the type has changed since "
                    "the statement was prepared; run the statement again",
                    describe_type(type_))};
}

bool composite_reader::next(server_type& expected, std::span<const std::byte>& bytes)
{
    if (is_text_) {
        const piece& taken = pieces_[next_piece_++];
        bytes = std::as_bytes(std::span{unescaped_}).subspan(taken.begin, taken.size);
        return !taken.null;
    }
    const auto type = binary_.take<oid>();
    if (expected == 0)
        expected = type;
    else if (type != expected.number())
        fail_changed();
    return take_part(binary_, bytes);
}

void composite_reader::finish() const
{
    if (!is_text_)
        binary_.expect_end();
}

void composite_reader::read_text(std::string_view text)
{
    if (text.size() < 2 || text.front() != '(' || text.back() != ')')
        fail_text("its text is not in parentheses");
    text = text.substr(1, text.size() - 2);
    unescaped_.reserve(text.size());
    std::size_t at = 0;
    do {
        piece taken{unescaped_.size(), 0, at == text.size() || text[at] == ','};
        bool quoted = false;
        for (; at != text.size() && (quoted || text[at] != ','); ++at) {
            const char c = text[at];
            if (c == '\\') {
                if (++at == text.size())
                    fail_text("its text ends behind a backslash");
                unescaped_ += text[at];
            } else if (c == '"') {
                // Two quotes inside quotes stand for one.
                if (quoted && at + 1 != text.size() && text[at + 1] == '"')
                    unescaped_ += text[++at];
                else
                    quoted = !quoted;
            } else {
                unescaped_ += c;
            }
        }
        if (quoted)
            fail_text("its text ends inside quotes");
        taken.size = unescaped_.size() - taken.begin;
        pieces_.push_back(taken);
    } while (at++ != text.size());
}

// ---- Writing.

composite_writer::composite_writer(byte_writer& out, std::size_t count, format as)
    : out_{out}, is_text_{as == format::text}
{
    if (is_text_)
        out_.put('(');
    else
        out_.put(static_cast<std::int32_t>(count));
}

void composite_writer::null(server_type field)
{
    if (is_text_) {
        if (!first_)
            out_.put(',');
        first_ = false;
        return;
    }
    out_.put(field.number());
    out_.put(std::int32_t{-1});
}

void composite_writer::begin(server_type field)
{
    if (is_text_) {
        if (!first_)
            out_.put(',');
        first_ = false;
    } else {
        out_.put(field.number());
        out_.put(std::int32_t{0});
    }
    field_at_ = out_.size();
}

void composite_writer::end()
{
    if (is_text_) {
        quote_written(out_, field_at_);
        return;
    }
    const std::size_t length = out_.size() - field_at_;
    if (length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        types::fail_encode("a composite type", "one of its fields is longer than any PostgreSQL value");
    out_.patch(field_at_ - sizeof(std::int32_t), static_cast<std::int32_t>(length));
}

void composite_writer::finish()
{
    if (is_text_)
        out_.put(')');
}

void put_text_form(byte_writer& out, bool value) { out.put(value ? 't' : 'f'); }
void put_text_form(byte_writer& out, char value) { out.put(value); }
void put_text_form(byte_writer& out, float value) { out.put_text(fmt::format("{}", value)); }
void put_text_form(byte_writer& out, double value) { out.put_text(fmt::format("{}", value)); }
void put_text_form(byte_writer& out, long long value) { out.put_text(fmt::format_int{value}.str()); }
void put_text_form(byte_writer& out, unsigned long long value) { out.put_text(fmt::format_int{value}.str()); }

} // namespace tusk::detail
