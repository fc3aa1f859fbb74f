#include "connection/bind.hpp"

#include "protocol/frontend.hpp"

#include <tusk/driver/detail/native_value.hpp>
#include <tusk/driver/detail/row_frame.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_type.hpp>
#include <tusk/driver/type_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace tusk::detail {

namespace {

/// A value of 1 GiB is more than any PostgreSQL value can be.
constexpr std::size_t longest_value = (std::size_t{1} << 30) - 1;

[[noreturn]] void fail_fit(std::size_t position, const parameter& what, server_type type)
{
    const std::string type_name = describe_type(type);
    throw encode_error{
        fmt::format("${0} is of type {1}, which {2} does not fit. The statement was not executed. Write a "
                    "cast to the type that you mean into the SQL, such as ${0}::bigint; or bind "
                    "tusk::as_type(\"bigint\", value) or a std::string, which every type accepts as text",
                    position + 1, type_name, what.operations->cpp_type)};
}

[[gnu::hot]] format write_value(byte_writer& out, const parameter& what, server_type type, std::size_t position)
{
    const std::size_t at_length = out.size();
    out.put(std::int32_t{-1});
    if (what.operations->is_null(what.value))
        return format::binary;
    format as = format::binary;
    bool fits = false;
    try {
        fits = what.operations->write(what.value, type, out, as);
    } catch (const encode_error& refused) {
        throw encode_error{fmt::format("${} ({}): {}. The statement was not executed", position + 1,
                                       describe_type(type), refused.what())};
    }
    if (!fits)
        fail_fit(position, what, type);
    const std::size_t length = out.size() - at_length - sizeof(std::int32_t);
    if (length > longest_value)
        throw encode_error{
            fmt::format("${} is {} bytes long; a PostgreSQL value is at most 1 GiB. The statement was not "
                        "executed",
                        position + 1, length)};
    out.patch(at_length, static_cast<std::int32_t>(length));
    return as;
}

void write_result_formats(byte_writer& out, const statement& of)
{
    if (of.result_formats.empty()) {
        constexpr auto all_in_binary = std::int32_t{1} << 16 | static_cast<std::int32_t>(format::binary);
        out.put(all_in_binary);
        return;
    }
    out.put(static_cast<std::int16_t>(of.result_formats.size()));
    for (const format each : of.result_formats)
        out.put(static_cast<std::int16_t>(each));
}

} // namespace

server_type type_of_parameter(const statement& of, const parameter& what, std::size_t position)
{
    // Not described yet: only declared types and text are sent that way.
    if (of.parameter_types.empty())
        return what.declared();
    if (of.parameter_infos.empty())
        return of.parameter_types[position];
    return {of.parameter_types[position], of.parameter_infos[position].get()};
}

usage_error wrong_parameter_count(const statement& of, std::size_t given)
{
    return usage_error{fmt::format("the statement has {} parameter(s), but {} value(s) were given. It was not executed",
                                   of.parameter_types.size(), given)};
}

void write_copy_field(byte_writer& out, const parameter& value, const column& of)
{
    const std::size_t at_length = out.size();
    out.put(std::int32_t{-1});
    if (value.operations->is_null(value.value))
        return;
    format as = format::binary;
    bool fits = false;
    try {
        fits = value.operations->write(value.value, of.type, out, as);
    } catch (const encode_error& refused) {
        throw encode_error{fmt::format("column \"{}\" ({}): {}. The row was not added", of.name, describe_type(of.type),
                                       refused.what())};
    }
    if (!fits || as != format::binary)
        throw encode_error{fmt::format("column \"{}\" is of type {}, which {} does not fit in binary. The row was not "
                                       "added. Give a value of a type that fits it",
                                       of.name, describe_type(of.type), value.operations->cpp_type)};
    const std::size_t length = out.size() - at_length - sizeof(std::int32_t);
    if (length > longest_value)
        throw encode_error{
            fmt::format("column \"{}\": a value of {} bytes; a PostgreSQL value is at most 1 GiB. The row "
                        "was not added",
                        of.name, length)};
    out.patch(at_length, static_cast<std::int32_t>(length));
}

[[gnu::hot]] std::vector<oid> declared_types_of(std::span<const parameter> parameters)
{
    std::vector<oid> declared;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (const oid type = parameters[i].declared()) {
            declared.resize(i + 1);
            declared[i] = type;
        }
    return declared;
}

bool can_bind_untyped(std::span<const parameter> parameters)
{
    return std::ranges::all_of(
        parameters, [](const parameter& each) { return each.operations->fits_any_type || each.declared() != 0; });
}

namespace {

std::string text_of(const byte_writer& written)
{
    return {reinterpret_cast<const char*>(written.bytes().data()), written.size()};
}

/// The type of a message and its length.
constexpr std::size_t header = 5;

[[gnu::cold]] row_frame make_frame(const statement& of)
{
    byte_writer before;
    const auto count = static_cast<std::uint16_t>(of.parameter_types.size());
    before.put('B');
    before.put(std::int32_t{0});
    before.put_cstring({});
    before.put_cstring(of.name);
    before.put(count);
    for (std::uint16_t i = 0; i < count; ++i)
        before.put(static_cast<std::int16_t>(format::binary));
    before.put(count);
    byte_writer behind;
    write_result_formats(behind, of);
    const std::size_t end_of_bind = behind.size();
    protocol::write_execute(behind);
    return {text_of(before), text_of(behind), behind.size() - end_of_bind};
}

/// A Bind of values that travel as they lie in memory, with one question for room.
/// @returns False where there are others; then nothing was written.
bool write_native_bind(byte_writer& out, const row_frame& frame, std::span<const oid> types,
                       std::span<const parameter> parameters)
{
    // More are seldom, and would ask for much more room than they need.
    constexpr std::size_t few = 16;
    if (parameters.size() > few)
        return false;
    const std::size_t mark = out.size();
    const std::size_t behind = frame.behind.size() - frame.extra;
    std::byte* const begin =
        out.extend(frame.before.size() + parameters.size() * (sizeof(std::int32_t) + longest_native_text) + behind);
    std::memcpy(begin, frame.before.data(), frame.before.size());
    std::size_t at = frame.before.size();
    const oid* type = types.data();
    for (const parameter& each : parameters)
        if (!store_native(begin, at, each, *type++)) {
            out.truncate(mark);
            return false;
        }
    std::memcpy(begin + at, frame.behind.data(), behind);
    at += behind;
    store_big_endian(begin + 1, static_cast<std::int32_t>(at - 1));
    out.truncate(mark + at);
    return true;
}

/// A statement that is described, on the unnamed portal: of its Bind only the values change from one time to the next.
[[gnu::hot]] void write_usual_bind(byte_writer& out, const statement& of, std::span<const parameter> parameters)
{
    const row_frame& frame = frame_of(of);
    const bool are_listed = of.parameter_infos.empty();
    if (are_listed && write_native_bind(out, frame, of.parameter_types, parameters))
        return;
    const std::size_t begin = out.size();
    protocol::message_scope message{out, 'B'};
    out.put_text(std::string_view{frame.before}.substr(header));
    const std::size_t at_formats = out.size() - sizeof(std::int16_t) * (parameters.size() + 1);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (are_listed && write_native<native_length::before>(out, parameters[i], of.parameter_types[i]))
            continue;
        const format as = write_value(out, parameters[i], type_of_parameter(of, parameters[i], i), i);
        if (as != format::binary)
            out.patch(at_formats + i * sizeof(std::int16_t), static_cast<std::int16_t>(as));
        // What is too long anyhow is not copied to its end.
        static_cast<void>(protocol::length_field(out.size() - begin));
    }
    out.put_text(std::string_view{frame.behind}.substr(0, frame.behind.size() - frame.extra));
    message.end();
}

} // namespace

[[gnu::hot]] const row_frame& frame_of(const statement& of)
{
    if (of.frame.before.empty())
        of.frame = make_frame(of);
    return of.frame;
}

[[gnu::hot]] void write_bind(byte_writer& out, std::string_view portal, const statement& of,
                             std::span<const parameter> parameters)
{
    if (of.now == statement::state::ready && parameters.size() != of.parameter_types.size())
        throw wrong_parameter_count(of, parameters.size());
    if (of.now == statement::state::ready && portal.empty()) {
        write_usual_bind(out, of, parameters);
        return;
    }
    const auto count = static_cast<std::uint16_t>(parameters.size()); // bounded when the request was made
    const std::size_t begin = out.size();
    protocol::message_scope message{out, 'B'};
    out.put_cstring(portal);
    out.put_cstring(of.name);
    out.put(count);
    const std::size_t at_formats = out.size();
    out.extend(count * sizeof(std::int16_t));
    out.put(count);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const format as = write_value(out, parameters[i], type_of_parameter(of, parameters[i], i), i);
        out.patch(at_formats + i * sizeof(std::int16_t), static_cast<std::int16_t>(as));
        // What is too long anyhow is not copied to its end.
        static_cast<void>(protocol::length_field(out.size() - begin));
    }
    write_result_formats(out, of);
    message.end();
}

} // namespace tusk::detail
