#include "protocol/error_response.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <charconv>
#include <optional>
#include <string_view>

namespace tusk::protocol {

namespace {

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

void store(error_fields& fields, char type, std::string_view text)
{
    switch (type) {
    case 'S': fields.severity = text; break;
    case 'V': fields.severity_nonlocalized = text; break;
    case 'C': fields.sqlstate = text; break;
    case 'M': fields.message = text; break;
    case 'D': fields.detail = text; break;
    case 'H': fields.hint = text; break;
    case 'P': fields.position = number(text); break;
    case 'p': fields.internal_position = number(text); break;
    case 'q': fields.internal_query = text; break;
    case 'W': fields.context = text; break;
    case 's': fields.schema_name = text; break;
    case 't': fields.table_name = text; break;
    case 'c': fields.column_name = text; break;
    case 'd': fields.data_type_name = text; break;
    case 'n': fields.constraint_name = text; break;
    case 'F': fields.file = text; break;
    case 'L': fields.line = number(text); break;
    case 'R': fields.routine = text; break;
    default: break; // The protocol asks to ignore what is not known.
    }
}

} // namespace

error_fields parse_error_response(std::span<const std::byte> body)
{
    byte_reader reader{body, "ErrorResponse or NoticeResponse"};
    error_fields fields;
    while (const char type = reader.take<char>())
        store(fields, type, reader.take_cstring());
    reader.expect_end();
    return fields;
}

} // namespace tusk::protocol
