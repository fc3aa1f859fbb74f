#include "protocol/authentication_policy.hpp"

#include <tusk/driver/error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace tusk::protocol {

namespace {

constexpr std::array<std::pair<std::string_view, authentication_method>, 7> names{{
    {"none", authentication_method::none},
    {"password", authentication_method::password},
    {"md5", authentication_method::md5},
    {"scram-sha-256", authentication_method::scram_sha_256},
    {"oauth", authentication_method::oauth},
    {"gss", authentication_method::gss},
    {"sspi", authentication_method::sspi},
}};

unsigned bit_of(std::string_view word)
{
    const auto found = std::ranges::find(names, word, &std::pair<std::string_view, authentication_method>::first);
    if (found == names.end())
        throw usage_error{"require_auth: a method is none of password, md5, scram-sha-256, oauth, gss, sspi and none; "
                          "separate several with commas and no blanks"};
    return static_cast<unsigned>(found->second);
}

} // namespace

authentication_policy parse_require_auth(std::string_view list)
{
    if (list.empty())
        return {};
    const bool negated = list.starts_with('!');
    unsigned named = 0;
    for (;;) {
        const std::size_t comma = list.find(',');
        std::string_view word = list.substr(0, comma);
        if (word.starts_with('!') != negated)
            throw usage_error{"require_auth: some methods have a '!' and some have not; name those that are allowed, "
                              "or with '!' those that are not"};
        if (negated)
            word.remove_prefix(1);
        const unsigned bit = bit_of(word);
        if ((named & bit) != 0)
            throw usage_error{"require_auth: a method is named twice"};
        named |= bit;
        if (comma == list.npos)
            return authentication_policy{negated ? ~named : named};
        list.remove_prefix(comma + 1);
    }
}

} // namespace tusk::protocol
