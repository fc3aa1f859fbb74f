#include "engine/sqlcommenter.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tusk::detail {

namespace {

/// Neither a quote nor the end of the comment survives it.
void append_encoded(std::string& to, std::string_view text)
{
    for (const char each : text) {
        const bool plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                           (each >= '0' && each <= '9') || each == '-' || each == '_' || each == '.' || each == '~';
        if (plain)
            to += each;
        else
            to += fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
}

} // namespace

std::string sql_comment(std::vector<std::pair<std::string, std::string>> tags)
{
    std::ranges::sort(tags);
    std::string comment;
    for (const auto& [key, value] : tags) {
        if (key.empty())
            throw usage_error{"a tag of sqlcommenter must have a key"};
        comment += comment.empty() ? " /*" : ",";
        append_encoded(comment, key);
        comment += "='";
        append_encoded(comment, value);
        comment += '\'';
    }
    if (!comment.empty())
        comment += "*/";
    return comment;
}

} // namespace tusk::detail
