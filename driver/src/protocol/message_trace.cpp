#include "protocol/message_trace.hpp"

#include "protocol/error_response.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace tusk::protocol {

namespace {

std::string_view frontend_name(char type)
{
    switch (type) {
    case 'B': return "Bind";
    case 'C': return "Close";
    case 'c': return "CopyDone";
    case 'd': return "CopyData";
    case 'D': return "Describe";
    case 'E': return "Execute";
    case 'f': return "CopyFail";
    case 'H': return "Flush";
    case 'p': return "Authentication data";
    case 'P': return "Parse";
    case 'Q': return "Query";
    case 'S': return "Sync";
    case 'X': return "Terminate";
    default: return "unknown";
    }
}

std::string_view backend_name(char type)
{
    switch (type) {
    case '1': return "ParseComplete";
    case '2': return "BindComplete";
    case '3': return "CloseComplete";
    case 'A': return "NotificationResponse";
    case 'c': return "CopyDone";
    case 'C': return "CommandComplete";
    case 'd': return "CopyData";
    case 'D': return "DataRow";
    case 'E': return "ErrorResponse";
    case 'G': return "CopyInResponse";
    case 'H': return "CopyOutResponse";
    case 'I': return "EmptyQueryResponse";
    case 'K': return "BackendKeyData";
    case 'n': return "NoData";
    case 'N': return "NoticeResponse";
    case 'R': return "Authentication";
    case 's': return "PortalSuspended";
    case 'S': return "ParameterStatus";
    case 't': return "ParameterDescription";
    case 'T': return "RowDescription";
    case 'v': return "NegotiateProtocolVersion";
    case 'Z': return "ReadyForQuery";
    default: return "unknown";
    }
}

std::string strings(byte_reader& reader, int count)
{
    std::string told;
    for (int i = 0; i < count; ++i)
        told += fmt::format(" \"{}\"", reader.take_cstring());
    return told;
}

/// What may be told of a message beyond its name.
std::string details(char side, const backend_message& message)
{
    byte_reader reader{message.body, "message"};
    if (side == 'F') {
        switch (message.type) {
        case 'P': return strings(reader, 2);
        case 'Q':
        case 'f': return strings(reader, 1);
        case 'B': return strings(reader, 2);
        case 'C':
        case 'D': {
            const char kind = reader.take<char>();
            return fmt::format(" {}{}", kind, strings(reader, 1));
        }
        case 'E': {
            const std::string portal = strings(reader, 1);
            return fmt::format("{} {}", portal, reader.take<std::int32_t>());
        }
        default: return {};
        }
    }
    switch (message.type) {
    case 'C': return strings(reader, 1);
    case 'S': return strings(reader, 2);
    case 'Z': return fmt::format(" {}", reader.take<char>());
    case 'R': return fmt::format(" {}", reader.take<std::int32_t>());
    case 'T':
    case 't':
    case 'D': return fmt::format(" {}", reader.take<std::uint16_t>());
    case 'E':
    case 'N': {
        const error_fields fields = parse_error_response(message.body);
        return fmt::format(" {} {}", fields.sqlstate, fields.message);
    }
    default: return {};
    }
}

} // namespace

void message_trace::take(pieces& kept, std::span<const std::byte> bytes, char side)
{
    kept.insert(kept.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    while (true) {
        const bool is_start = side == 'F' && !started_;
        const std::size_t type = is_start ? 0 : 1;
        if (kept.size() - at < type + 4)
            break;
        const std::size_t length = detail::load_big_endian<std::uint32_t>(kept.data() + at + type);
        if (length < 4 || kept.size() - at - type < length)
            break;
        const std::span<const std::byte> body{kept.data() + at + type + 4, length - 4};
        if (is_start)
            tell_start(body);
        else
            tell(side, {static_cast<char>(kept[at]), body});
        at += type + length;
    }
    kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(at));
}

void message_trace::tell_start(std::span<const std::byte> body)
{
    started_ = true;
    tell_(fmt::format("F {:>6} StartupMessage", body.size() + 4));
}

void message_trace::tell(char side, const backend_message& message)
{
    const std::string_view name = side == 'F' ? frontend_name(message.type) : backend_name(message.type);
    std::string more;
    try {
        more = details(side, message);
    } catch (const decode_error&) {
        more = " (malformed)";
    }
    tell_(fmt::format("{} {:>6} {}{}", side, message.body.size() + 4, name, more));
}

} // namespace tusk::protocol
