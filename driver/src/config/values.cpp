#include "config/values.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace tusk::config {

bool is_among(std::string_view words, std::string_view word) noexcept
{
    while (!words.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        if (words.substr(0, space) == word)
            return true;
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return false;
}

std::optional<int> whole_number(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos)
        return std::nullopt;
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    int value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

void check_choice(std::string_view origin, std::string_view value, std::string_view words)
{
    if (is_among(words, value))
        return;
    std::string listed;
    for (const char letter : words)
        listed += letter == ' ' ? std::string{", "} : std::string(1, letter);
    throw usage_error{fmt::format("{}: the value is none of {}", origin, listed)};
}

} // namespace tusk::config
