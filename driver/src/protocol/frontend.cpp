#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::protocol {

[[gnu::hot]] std::int32_t length_field(std::size_t length)
{
    if (length > longest_message)
        throw encode_error{fmt::format("a message of {} bytes is longer than the 1 GiB that a server takes; "
                                       "send the data in parts, or with COPY",
                                       length)};
    return static_cast<std::int32_t>(length);
}

void write_parse(byte_writer& out, std::string_view statement, std::string_view sql, std::span<const oid> declared)
{
    message_scope message{out, 'P'};
    out.put_cstring(statement);
    out.put_cstring(sql);
    out.put(static_cast<std::uint16_t>(declared.size()));
    for (const oid type : declared)
        out.put(type);
    message.end();
}

void write_describe_statement(byte_writer& out, std::string_view statement)
{
    message_scope message{out, 'D'};
    out.put('S');
    out.put_cstring(statement);
    message.end();
}

void write_bind_nothing(byte_writer& out, std::string_view statement)
{
    message_scope message{out, 'B'};
    out.put_cstring({});
    out.put_cstring(statement);
    out.put(std::int16_t{0});
    out.put(std::int16_t{0});
    out.put(std::int16_t{0});
    message.end();
}

[[gnu::hot]] void write_execute(byte_writer& out)
{
    static constexpr std::string_view message{"E\0\0\0\x09\0\0\0\0\0", 10};
    out.put_text(message);
}

[[gnu::hot]] void write_execute(byte_writer& out, std::string_view portal, std::int32_t most_rows)
{
    message_scope message{out, 'E'};
    out.put_cstring(portal);
    out.put(most_rows);
    message.end();
}

void write_close_statement(byte_writer& out, std::string_view statement)
{
    message_scope message{out, 'C'};
    out.put('S');
    out.put_cstring(statement);
    message.end();
}

void write_close_portal(byte_writer& out, std::string_view portal)
{
    message_scope message{out, 'C'};
    out.put('P');
    out.put_cstring(portal);
    message.end();
}

void write_flush(byte_writer& out) { message_scope{out, 'H'}.end(); }

[[gnu::hot]] void write_sync(byte_writer& out)
{
    static constexpr std::string_view message{"S\0\0\0\x04", 5};
    out.put_text(message);
}

void write_query(byte_writer& out, std::string_view sql)
{
    message_scope message{out, 'Q'};
    out.put_cstring(sql);
    message.end();
}

void write_copy_done(byte_writer& out) { message_scope{out, 'c'}.end(); }

void write_copy_fail(byte_writer& out, std::string_view reason)
{
    message_scope message{out, 'f'};
    out.put_cstring(reason);
    message.end();
}

void write_terminate(byte_writer& out) { message_scope{out, 'X'}.end(); }

} // namespace tusk::protocol
