// Values of parameters, for people who look at what a program sends.
#include "connection/bind.hpp"
#include "connection/query.hpp"
#include "protocol/escape_text.hpp"
#include "types/oids.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/type_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tusk::detail {

namespace {

constexpr std::size_t longest_text = 100;
constexpr std::size_t longest_bytes = 16;

void append_text(std::string& to, std::span<const std::byte> bytes)
{
    to += '\'';
    protocol::append_escaped(to, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, longest_text, {});
    to += '\'';
}

void append_bytes(std::string& to, std::span<const std::byte> bytes, server_type type)
{
    to += "'\\x";
    for (const std::byte each : bytes.first(std::min(bytes.size(), longest_bytes)))
        to += fmt::format("{:02x}", std::to_integer<unsigned>(each));
    to += bytes.size() > longest_bytes ? fmt::format("...' ({} bytes of {})", bytes.size(), describe_type(type))
                                       : fmt::format("' (bytes of {})", describe_type(type));
}

void append_binary(std::string& to, std::span<const std::byte> bytes, server_type type)
{
    byte_reader reader{bytes, "parameter"};
    switch (type.base().number()) {
    case oids::boolean: to += reader.take<std::int8_t>() != 0 ? "true" : "false"; break;
    case oids::int2: to += std::to_string(reader.take<std::int16_t>()); break;
    case oids::int4: to += std::to_string(reader.take<std::int32_t>()); break;
    case oids::int8: to += std::to_string(reader.take<std::int64_t>()); break;
    case oids::float4: to += fmt::format("{}", std::bit_cast<float>(reader.take<std::uint32_t>())); break;
    case oids::float8: to += fmt::format("{}", std::bit_cast<double>(reader.take<std::uint64_t>())); break;
    case oids::text:
    case oids::varchar:
    case oids::bpchar:
    case oids::name:
    case oids::json: append_text(to, bytes); break;
    default: append_bytes(to, bytes, type); break;
    }
}

void append_value(std::string& to, const parameter& what, server_type type)
{
    if (what.operations->is_null(what.value)) {
        to += "NULL";
        return;
    }
    byte_writer encoded;
    format as = format::binary;
    if (!what.operations->write(what.value, type, encoded, as))
        to += '?'; // refused when it was bound
    else if (as == format::text)
        append_text(to, encoded.bytes());
    else
        append_binary(to, encoded.bytes(), type);
}

} // namespace

std::string query_operation::shown_parameters() const
{
    std::string shown;
    if (!has_statement())
        return shown;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        if (i != 0)
            shown += ", ";
        try {
            append_value(shown, parameters_[i], type_of_parameter(prepared(), parameters_[i], i));
        } catch (const error&) {
            shown += '?';
        }
    }
    return shown;
}

} // namespace tusk::detail
