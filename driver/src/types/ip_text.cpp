#include "types/ip_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <system_error>

namespace tusk::types {

namespace {

constexpr std::size_t word_count = 8;

/// A number that is the whole text, of at most `most_digits` digits.
std::optional<unsigned> read_number(std::string_view digits, int base, std::size_t most_digits) noexcept
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() > most_digits)
        return std::nullopt;
    return value;
}

/// Some of the words of an IPv6 address.
struct words {
    std::array<std::uint16_t, word_count> value{};
    std::size_t size = 0;

    bool add(unsigned word) noexcept
    {
        if (size == word_count)
            return false;
        value[size++] = static_cast<std::uint16_t>(word);
        return true;
    }
};

/// "2001:db8:1", and at the very end of an address also "ffff:10.0.0.1"; nothing at all is no words.
std::optional<words> read_words(std::string_view text, bool at_end) noexcept
{
    words read;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view piece = text.substr(0, colon);
        if (colon == std::string_view::npos && at_end && piece.find('.') != std::string_view::npos) {
            const auto tail = parse_ipv4(piece);
            if (!tail)
                return std::nullopt;
            const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>((*tail)[i]); };
            if (!read.add(byte(0) << 8 | byte(1)) || !read.add(byte(2) << 8 | byte(3)))
                return std::nullopt;
            return read;
        }
        const auto word = read_number(piece, 16, 4);
        if (!word || !read.add(*word))
            return std::nullopt;
        if (colon == std::string_view::npos)
            return read;
        text.remove_prefix(colon + 1);
        if (text.empty())
            return std::nullopt;
    }
    return read;
}

/// The first of the longest runs of two zero words or more.
struct zero_run {
    std::size_t first = word_count;
    std::size_t size = 1;
};

zero_run longest_zeros(const std::array<std::uint16_t, word_count>& all) noexcept
{
    zero_run longest;
    for (std::size_t first = 0; first != word_count; ++first) {
        std::size_t end = first;
        while (end != word_count && all[end] == 0)
            ++end;
        if (end - first > longest.size)
            longest = {first, end - first};
    }
    return longest;
}

/// Addresses that hold an IPv4 address are written with it: ::ffff:10.0.0.1, and the older ::10.0.0.1.
bool holds_ipv4(const std::array<std::uint16_t, word_count>& all, const zero_run& zeros) noexcept
{
    return zeros.first == 0 && (zeros.size == 6 || (zeros.size == 5 && all[5] == 0xFFFF));
}

} // namespace

std::optional<ipv4_bytes> parse_ipv4(std::string_view text) noexcept
{
    ipv4_bytes bytes{};
    for (std::size_t i = 0; i != bytes.size(); ++i) {
        const std::size_t end = i + 1 == bytes.size() ? text.size() : text.find('.');
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto number = read_number(text.substr(0, end), 10, 3);
        if (!number || *number > 255)
            return std::nullopt;
        bytes[i] = static_cast<std::byte>(*number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return bytes;
}

std::optional<ipv6_bytes> parse_ipv6(std::string_view text) noexcept
{
    const std::size_t gap = text.find("::");
    const bool has_gap = gap != std::string_view::npos;
    const std::optional<words> front = read_words(text.substr(0, gap), !has_gap);
    const std::optional<words> back = has_gap ? read_words(text.substr(gap + 2), true) : words{};
    if (!front || !back)
        return std::nullopt;
    // "::" stands for at least one word.
    const std::size_t given = front->size + back->size;
    if (has_gap ? given >= word_count : given != word_count)
        return std::nullopt;
    std::array<std::uint16_t, word_count> all{};
    std::copy_n(front->value.begin(), front->size, all.begin());
    std::copy_n(back->value.begin(), back->size, all.end() - static_cast<std::ptrdiff_t>(back->size));
    ipv6_bytes bytes{};
    for (std::size_t i = 0; i != word_count; ++i) {
        bytes[2 * i] = static_cast<std::byte>(all[i] >> 8);
        bytes[2 * i + 1] = static_cast<std::byte>(all[i] & 0xFF);
    }
    return bytes;
}

std::string print_ipv4(std::span<const std::byte, 4> bytes)
{
    const auto number = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
    return fmt::format("{}.{}.{}.{}", number(0), number(1), number(2), number(3));
}

std::string print_ipv6(std::span<const std::byte, 16> bytes)
{
    std::array<std::uint16_t, word_count> all{};
    for (std::size_t i = 0; i != word_count; ++i)
        all[i] = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[2 * i]) << 8 |
                                            std::to_integer<unsigned>(bytes[2 * i + 1]));
    const zero_run zeros = longest_zeros(all);
    const bool has_ipv4 = holds_ipv4(all, zeros);
    std::string text;
    for (std::size_t i = 0; i < word_count;) {
        if (i == zeros.first) {
            text += "::";
            i += zeros.size;
            continue;
        }
        if (!text.empty() && !text.ends_with(':'))
            text += ':';
        if (has_ipv4 && i == 6)
            return text + print_ipv4(bytes.last<4>());
        fmt::format_to(std::back_inserter(text), "{:x}", all[i++]);
    }
    return text;
}

} // namespace tusk::types
