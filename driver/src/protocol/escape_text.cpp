#include "protocol/escape_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tusk::protocol {

namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t position)
{
    return static_cast<unsigned char>(text[position]);
}

/// The second byte decides whether a sequence is overlong, a surrogate or beyond U+10FFFF.
constexpr bool second_byte_fits(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return second >= 0x80 && second <= 0xBF;
    }
}

/// The length of the character that starts at `position`; 0 where the bytes are not UTF-8.
constexpr std::size_t character_length(std::string_view text, std::size_t position)
{
    const unsigned char lead = byte_at(text, position);
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || text.size() - position < length || !second_byte_fits(lead, byte_at(text, position + 1)))
        return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte_at(text, position + i) & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

/// C0 except the tab, DEL, and C1 (U+0080 to U+009F), which terminals obey in UTF-8 too.
constexpr bool is_control(std::string_view character)
{
    const unsigned char first = byte_at(character, 0);
    if (character.size() == 1)
        return (first < 0x20 && first != '\t') || first == 0x7F;
    return character.size() == 2 && first == 0xC2 && byte_at(character, 1) < 0xA0;
}

} // namespace

void append_escaped(std::string& out, std::string_view text, std::size_t limit, std::string_view indent)
{
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t length = character_length(text, position);
        const std::string_view piece = text.substr(position, length == 0 ? 1 : length);
        if (position + piece.size() > limit) {
            fmt::format_to(std::back_inserter(out), "... ({} more bytes)", text.size() - position);
            return;
        }
        if (piece == "\n") {
            out += '\n';
            out += indent;
        } else if (length == 0 || is_control(piece)) {
            for (const char byte : piece)
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
        } else {
            out += piece;
        }
        position += piece.size();
    }
}

} // namespace tusk::protocol
