#include <tusk/driver/codec/text.hpp>

#include "types/builtin_types.hpp"
#include "types/oids.hpp"
#include "types/text_search.hpp"
#include "types/wire.hpp"

#include <cstdint>
#include <type_traits>

namespace tusk {

namespace {

/// Types whose binary form is their text.
bool is_plain_text(oid type) noexcept
{
    switch (type) {
    case oids::text:
    case oids::varchar:
    case oids::bpchar:
    case oids::name:
    case oids::json:
    case oids::xml:
    case oids::unknown:
    case oids::cstring:
    case oids::refcursor:
    case oids::pg_node_tree:
    case oids::void_type: return true;
    default: return false;
    }
}

template <class Text>
Text from_plain(std::span<const std::byte> bytes)
{
    return Text{types::as_text(bytes)};
}

bool is_versioned(oid type) noexcept { return type == oids::jsonb || type == oids::jsonpath; }

/// jsonb, jsonpath and the types of ltree put the version of their binary form before the text.
template <class Text>
Text from_versioned(std::span<const std::byte> bytes)
{
    if (bytes.empty() || bytes[0] != std::byte{1}) [[unlikely]]
        types::fail_decode("jsonb, jsonpath or ltree",
                           "its binary form has another version than 1; cast the column to text");
    return Text{types::as_text(bytes.subspan(1))};
}

/// Types of the database whose binary form is their text: enums, and citext of the extension.
bool is_known_text(server_type type) noexcept
{
    return type.kind() == type_kind::enumeration || (type.info() != nullptr && type.name() == "citext");
}

bool is_ltree(server_type type) noexcept
{
    const std::string_view name = type.info() == nullptr ? std::string_view{} : type.name();
    return name == "ltree" || name == "lquery" || name == "ltxtquery";
}

/// Of these the parts travel one by one, so their binary form cannot be text.
bool is_container(server_type type) noexcept
{
    switch (type.kind()) {
    case type_kind::array:
    case type_kind::range:
    case type_kind::multirange:
    case type_kind::composite: return true;
    default: return false;
    }
}

/// The binary form of an enum, of citext and of what else is text at heart is its text. That of composites, ranges,
/// hstore or geometry begins with counts, flags or a version: control bytes, which no such text begins with.
template <class Text>
Text from_unlisted(std::span<const std::byte> bytes)
{
    const std::string_view text = types::as_text(bytes);
    const bool is_text = text.empty() || (static_cast<unsigned char>(text[0]) >= 0x20 && text.find('\0') == text.npos);
    if (!is_text) [[unlikely]]
        types::fail_decode("a type of the database's own", "its binary form is not text; cast the column to text");
    return Text{text};
}

/// A "char" always has its byte; zero stands for the empty text.
template <class Text>
Text from_one_byte(std::span<const std::byte> bytes)
{
    if (types::load_exactly<std::uint8_t>(bytes, "\"char\"") == 0)
        return Text{};
    return Text{types::as_text(bytes)};
}

template <class Text>
void to_text(const Text& value, byte_writer& out)
{
    const std::string_view text{value};
    types::check_length(text.size());
    if (text.find('\0') != std::string_view::npos) [[unlikely]]
        types::fail_encode("the parameter",
                           "it contains a zero byte, which PostgreSQL text cannot hold; use bytea for bytes");
    out.put_text(text);
}

template <class Text>
void to_versioned(const Text& value, byte_writer& out)
{
    out.put(std::uint8_t{1});
    to_text(value, out);
}

/// In text format the server would cut a longer text to its first byte without a word.
template <class Text>
void to_one_byte(const Text& value, byte_writer& out)
{
    if (value.size() > 1)
        types::fail_encode("\"char\"", "it holds one byte; without the quotes, char(n) holds n characters");
    out.put(value.empty() ? '\0' : value[0]);
}

char char_from_binary(std::span<const std::byte> bytes) { return types::load_exactly<char>(bytes, "\"char\""); }

/// One byte below 0x80 as itself, zero as nothing, and since PostgreSQL 16 others as a backslash and three octal
/// digits; older servers send them as they are.
char char_from_text(std::span<const std::byte> bytes)
{
    const std::string_view text = types::as_text(bytes);
    if (text.empty())
        return '\0';
    if (text.size() == 1)
        return text[0];
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    if (text.size() != 4 || text[0] != '\\' || text[1] > '3' || !is_octal(text[1]) || !is_octal(text[2]) ||
        !is_octal(text[3]))
        types::fail_decode("\"char\"", "its text is neither one byte nor an octal escape");
    return static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
}

void char_to_binary(const char& value, byte_writer& out) { out.put(value); }

} // namespace

namespace detail {

template <class Text>
decode_function<Text> text_codec<Text>::decoder(server_type type, format as) noexcept
{
    if (as == format::text || is_plain_text(type) || is_known_text(type))
        return from_plain<Text>;
    if (is_versioned(type) || is_ltree(type))
        return from_versioned<Text>;
    // Text that has to be made needs a place of its own; a view has none.
    if constexpr (std::is_same_v<Text, std::string>) {
        if (type == oids::tsvector)
            return types::print_tsvector;
        if (type == oids::tsquery)
            return types::print_tsquery;
    }
    if (type >= first_unlisted_oid && !is_container(type))
        return from_unlisted<Text>;
    return type == oids::one_byte_char ? from_one_byte<Text> : nullptr;
}

template <class Text>
encode_plan<Text> text_codec<Text>::encoder(server_type type) noexcept
{
    if (type == oids::one_byte_char)
        return {to_one_byte<Text>, format::binary};
    if (is_versioned(type))
        return {to_versioned<Text>, format::binary};
    return {to_text<Text>, is_plain_text(type) || is_known_text(type) ? format::binary : format::text};
}

template struct text_codec<std::string>;
template struct text_codec<std::string_view>;

} // namespace detail

decode_function<char> codec<char>::decoder(oid type, format as) noexcept
{
    if (type != oids::one_byte_char)
        return nullptr;
    return as == format::text ? char_from_text : char_from_binary;
}

encode_plan<char> codec<char>::encoder(oid type) noexcept
{
    if (type != oids::one_byte_char)
        return {};
    return {char_to_binary, format::binary};
}

} // namespace tusk
