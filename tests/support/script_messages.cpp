#include "support/script_messages.hpp"

#include <cstddef>

namespace tusk::test {

namespace {

std::string big_endian(std::uint64_t bits, int bytes)
{
    std::string out;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(bits >> static_cast<unsigned>(shift) & 0xffU);
    return out;
}

std::string count(std::size_t value) { return big_endian(value, 2); }
std::string length(std::size_t value) { return big_endian(value, 4); }

} // namespace

std::string int16(int value) { return big_endian(static_cast<std::uint64_t>(value), 2); }
std::string int32(std::int64_t value) { return big_endian(static_cast<std::uint64_t>(value), 4); }
std::string int64(std::int64_t value) { return big_endian(static_cast<std::uint64_t>(value), 8); }

std::string zero_terminated(std::string_view text) { return std::string{text} + '\0'; }

std::string message(char type, std::string_view body)
{
    return message_of_length(type, static_cast<std::int64_t>(body.size()) + 4, body);
}

std::string message_of_length(char type, std::int64_t length, std::string_view body)
{
    return type + int32(length) + std::string{body};
}

std::vector<std::string> split_messages(std::string_view bytes)
{
    std::vector<std::string> whole;
    while (bytes.size() >= 5) {
        std::size_t size = 1;
        std::size_t stated = 0;
        for (std::size_t i = 1; i != 5; ++i)
            stated = stated << 8U | static_cast<unsigned char>(bytes[i]);
        size += stated;
        if (bytes.size() < size)
            break;
        whole.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return whole;
}

namespace frontend {

std::string startup(const pairs& parameters)
{
    std::string body = int32(0x0003'0000);
    for (const auto& [name, value] : parameters)
        body += zero_terminated(name) + zero_terminated(value);
    body += '\0';
    return length(body.size() + 4) + body;
}

std::string password(std::string_view text) { return message('p', zero_terminated(text)); }

std::string sasl_initial_response(std::string_view mechanism, std::string_view data)
{
    return message('p', zero_terminated(mechanism) + length(data.size()) + std::string{data});
}

std::string sasl_response(std::string_view data) { return message('p', data); }

std::string parse(std::string_view statement, std::string_view sql)
{
    return message('P', zero_terminated(statement) + zero_terminated(sql) + int16(0));
}

std::string describe(std::string_view statement) { return message('D', 'S' + zero_terminated(statement)); }

std::string bind(std::string_view statement, const std::vector<value>& values, std::string_view portal)
{
    std::string body = zero_terminated(portal) + zero_terminated(statement) + count(values.size());
    for (const value& each : values)
        body += int16(each.format);
    body += count(values.size());
    for (const value& each : values)
        body += each.bytes ? length(each.bytes->size()) + *each.bytes : int32(-1);
    return message('B', body + int16(1) + int16(1));
}

std::string execute(std::string_view portal, int rows) { return message('E', zero_terminated(portal) + int32(rows)); }
std::string close_portal(std::string_view portal) { return message('C', 'P' + zero_terminated(portal)); }
std::string sync() { return message('S'); }
std::string flush() { return message('H'); }
std::string copy_data(std::string_view data) { return message('d', data); }
std::string copy_done() { return message('c'); }
std::string query(std::string_view sql) { return message('Q', zero_terminated(sql)); }
std::string copy_fail(std::string_view reason) { return message('f', zero_terminated(reason)); }
std::string terminate() { return message('X'); }

std::string command(std::string_view sql)
{
    const std::string bind_nothing = zero_terminated("") + zero_terminated("") + int16(0) + int16(0) + int16(0);
    return parse("", sql) + message('B', bind_nothing) + execute();
}

std::string prepare(std::string_view statement, std::string_view sql)
{
    return parse(statement, sql) + describe(statement);
}

std::string run(std::string_view statement, const std::vector<value>& values)
{
    return bind(statement, values) + execute() + sync();
}

} // namespace frontend

namespace backend {

namespace {

std::string fields_of(const fields& what)
{
    std::string body;
    for (const auto& [type, text] : what)
        body += type + zero_terminated(text);
    return body + '\0';
}

std::string copy_response(char type, int columns, int format)
{
    std::string body = static_cast<char>(format) + int16(columns);
    for (int i = 0; i != columns; ++i)
        body += int16(format);
    return message(type, body);
}

} // namespace

std::string authentication(int code, std::string_view data) { return message('R', int32(code) + std::string{data}); }

std::string parameter_status(std::string_view name, std::string_view value)
{
    return message('S', zero_terminated(name) + zero_terminated(value));
}

std::string key_data(int pid, std::string_view key) { return message('K', int32(pid) + std::string{key}); }
std::string ready(char status) { return message('Z', std::string_view{&status, 1}); }
std::string parse_complete() { return message('1'); }
std::string bind_complete() { return message('2'); }
std::string close_complete() { return message('3'); }
std::string no_data() { return message('n'); }

std::string parameter_description(const std::vector<std::uint32_t>& types)
{
    std::string body = count(types.size());
    for (const std::uint32_t type : types)
        body += int32(type);
    return message('t', body);
}

std::string row_description(const std::vector<column>& columns)
{
    std::string body = count(columns.size());
    for (const column& each : columns)
        body += zero_terminated(each.name) + int32(each.table) + int16(each.attribute) + int32(each.type) +
                int16(each.type_size) + int32(-1) + int16(each.format);
    return message('T', body);
}

std::string data_row(const values& row)
{
    std::string body = count(row.size());
    for (const std::optional<std::string>& each : row)
        body += each ? length(each->size()) + *each : int32(-1);
    return message('D', body);
}

std::string complete(std::string_view tag) { return message('C', zero_terminated(tag)); }
std::string empty_query() { return message('I'); }
std::string error(const fields& what) { return message('E', fields_of(what)); }
std::string notice(const fields& what) { return message('N', fields_of(what)); }

std::string notification(int pid, std::string_view channel, std::string_view payload)
{
    return message('A', int32(pid) + zero_terminated(channel) + zero_terminated(payload));
}

std::string copy_in(int columns, int format) { return copy_response('G', columns, format); }
std::string copy_out(int columns, int format) { return copy_response('H', columns, format); }
std::string portal_suspended() { return message('s'); }
std::string copy_data(std::string_view data) { return message('d', data); }
std::string copy_done() { return message('c'); }

std::string command_done(std::string_view tag) { return parse_complete() + bind_complete() + complete(tag); }

} // namespace backend

} // namespace tusk::test
