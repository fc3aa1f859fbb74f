#include "config/url.hpp"

#include "config/keys.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace tusk::config {

namespace {

// No message quotes the URL: where an '@' or a '/' is misplaced, any part of it can be a piece of the password.
[[noreturn]] void fail(std::string_view what) { throw usage_error{fmt::format("connection URL: {}", what)}; }

std::string decode(std::string_view text, std::string_view part)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const std::string_view digits = text.substr(i + 1, 2);
        unsigned value = 0;
        const auto [stop, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (failure != std::errc{} || stop != digits.data() + 2)
            fail(fmt::format("a '%' in the {} is not followed by two hexadecimal digits; a '%' itself is written %25",
                             part));
        if (value == 0)
            fail(fmt::format("the {} holds a zero byte (%00), which PostgreSQL cannot take", part));
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

/// Cuts `text` at the first of `stops` and returns what comes before; `text` begins with the stop, or is empty.
std::string_view take_until(std::string_view& text, std::string_view stops)
{
    const std::string_view taken = text.substr(0, std::min(text.find_first_of(stops), text.size()));
    text.remove_prefix(taken.size());
    return taken;
}

/// As libpq: an empty part of a URL is as if it had not been given, so that the environment can fill it.
void store(settings& found, std::string_view key, std::string_view value, std::string_view part)
{
    if (!value.empty())
        found.push_back({std::string{key}, decode(value, part)});
}

/// The user's name and password, which end at the first '@' before any '/'.
void take_credentials(std::string_view& rest, settings& found)
{
    const std::size_t end = rest.find_first_of("@/");
    if (end == rest.npos || rest[end] != '@')
        return;
    const std::string_view credentials = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const std::size_t colon = std::min(credentials.find(':'), credentials.size());
    store(found, "user", credentials.substr(0, colon), "user name");
    store(found, "password", credentials.substr(std::min(colon + 1, credentials.size())), "password");
}

std::string_view take_host(std::string_view& rest)
{
    if (!rest.starts_with('['))
        return take_until(rest, ":/?,");
    rest.remove_prefix(1);
    const std::string_view address = take_until(rest, "]");
    if (rest.empty())
        fail("the '[' of an IPv6 address has no ']'");
    if (address.empty())
        fail("the IPv6 address between '[' and ']' is empty");
    rest.remove_prefix(1);
    if (!rest.empty() && std::string_view{":/?,"}.find(rest.front()) == std::string_view::npos)
        fail("after the ']' of an IPv6 address comes neither a port (':'), a database ('/') nor the end");
    return address;
}

/// One or more `host:port`, with commas between them.
void take_hosts(std::string_view& rest, settings& found)
{
    std::string hosts;
    std::string ports;
    for (;;) {
        hosts += take_host(rest);
        if (rest.starts_with(':')) {
            rest.remove_prefix(1);
            ports += take_until(rest, "/?,");
        }
        if (!rest.starts_with(','))
            break;
        rest.remove_prefix(1);
        hosts += ',';
        ports += ',';
    }
    store(found, "host", hosts, "host");
    store(found, "port", ports, "port");
}

void take_query(std::string_view query, settings& found, bool may_quote)
{
    while (!query.empty()) {
        std::string_view pair = take_until(query, "&");
        query.remove_prefix(std::min<std::size_t>(1, query.size()));
        const std::string_view name = take_until(pair, "=");
        if (pair.empty())
            fail("a key in the query part has no '='; '&' in a value is written %26");
        pair.remove_prefix(1);
        if (pair.find('=') != pair.npos)
            fail("a key in the query part has a second '='; '=' in a value is written %3D");
        setting entry{decode(name, "query part"), decode(pair, "query part")};
        if (entry.key == "ssl" && entry.value == "true") // The spelling of JDBC, which libpq takes too.
            entry = {"sslmode", "require"};
        require_key(entry.key, may_quote);
        found.push_back(std::move(entry));
    }
}

constexpr std::array<std::string_view, 2> schemes{"postgresql://", "postgres://"};

} // namespace

bool is_url(std::string_view text) noexcept
{
    return std::ranges::any_of(schemes, [&](std::string_view scheme) { return text.starts_with(scheme); });
}

settings parse_url(std::string_view url)
{
    std::string_view rest = url.substr(url.find("://") + 3);
    settings found;
    take_credentials(rest, found);
    // A '@' that comes later is the end of a password that is not encoded, for all that can be told.
    const bool ambiguous = rest.find('@') != rest.npos;
    if (rest.substr(0, rest.find('?')).find('@') != rest.npos)
        fail("there is a '@' too many before the query part, or a '/' before it; inside a user name, password or "
             "database name, '@' is written %40 and '/' %2F");
    take_hosts(rest, found);
    if (rest.starts_with('/')) {
        rest.remove_prefix(1);
        store(found, "dbname", take_until(rest, "?"), "database name");
    }
    if (rest.starts_with('?'))
        take_query(rest.substr(1), found, !ambiguous);
    return found;
}

} // namespace tusk::config
