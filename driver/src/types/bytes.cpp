#include <tusk/driver/codec/bytes.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

namespace tusk {

namespace {

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_octal(char c) noexcept { return c >= '0' && c <= '7'; }

std::vector<std::byte> from_hex(std::string_view digits)
{
    if (digits.size() % 2 != 0)
        types::fail_decode("bytea", "its text has an odd number of hexadecimal digits");
    std::vector<std::byte> value(digits.size() / 2);
    for (std::size_t i = 0; i != value.size(); ++i) {
        const int high = hex_digit(digits[2 * i]);
        const int low = hex_digit(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            types::fail_decode("bytea", "its text holds something else than hexadecimal digits");
        value[i] = static_cast<std::byte>(high * 16 + low);
    }
    return value;
}

/// The older output (bytea_output = escape): printable bytes stand for themselves, a backslash is doubled, others are
/// a backslash and three octal digits.
std::vector<std::byte> from_escapes(std::string_view text)
{
    std::vector<std::byte> value;
    value.reserve(text.size());
    while (!text.empty()) {
        if (text[0] != '\\') {
            value.push_back(static_cast<std::byte>(text[0]));
            text.remove_prefix(1);
        } else if (text.starts_with("\\\\")) {
            value.push_back(std::byte{'\\'});
            text.remove_prefix(2);
        } else if (text.size() >= 4 && text[1] <= '3' && is_octal(text[1]) && is_octal(text[2]) && is_octal(text[3])) {
            value.push_back(static_cast<std::byte>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0')));
            text.remove_prefix(4);
        } else {
            types::fail_decode("bytea", "its text holds a backslash that starts no escape");
        }
    }
    return value;
}

std::vector<std::byte> vector_from_text(std::span<const std::byte> bytes)
{
    const std::string_view text = types::as_text(bytes);
    return text.starts_with("\\x") ? from_hex(text.substr(2)) : from_escapes(text);
}

std::vector<std::byte> vector_from_binary(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

std::span<const std::byte> span_from_binary(std::span<const std::byte> bytes) { return bytes; }

template <class Bytes>
void to_binary(const Bytes& value, byte_writer& out)
{
    types::check_length(value.size());
    out.put_bytes(value);
}

} // namespace

decode_function<std::vector<std::byte>> codec<std::vector<std::byte>>::decoder(oid type, format as) noexcept
{
    if (type != oids::bytea)
        return nullptr;
    return as == format::text ? vector_from_text : vector_from_binary;
}

encode_plan<std::vector<std::byte>> codec<std::vector<std::byte>>::encoder(oid type) noexcept
{
    if (type != oids::bytea)
        return {};
    return {to_binary<std::vector<std::byte>>, format::binary};
}

decode_function<std::span<const std::byte>> codec<std::span<const std::byte>>::decoder(oid type, format as) noexcept
{
    return type == oids::bytea && as == format::binary ? span_from_binary : nullptr;
}

encode_plan<std::span<const std::byte>> codec<std::span<const std::byte>>::encoder(oid type) noexcept
{
    if (type != oids::bytea)
        return {};
    return {to_binary<std::span<const std::byte>>, format::binary};
}

} // namespace tusk
