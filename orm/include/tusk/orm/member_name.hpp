#pragma once

#include <string_view>
#include <type_traits>

namespace tusk::orm {

namespace detail {

template <class C, class T>
struct member_pointer {
    using owner = C;
    using type = T;
};
template <class C, class T>
constexpr member_pointer<C, T> take_apart(T C::*)
{
    return {};
}

/// The class that declares a member, and the member's type.
template <auto Member>
using owner_of = typename decltype(take_apart(Member))::owner;
template <auto Member>
using type_of = typename decltype(take_apart(Member))::type;

template <auto Member>
constexpr std::string_view pretty_name() noexcept
{
    return __PRETTY_FUNCTION__;
}

constexpr bool is_word(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

} // namespace detail

/// The name of a member, read from its pointer: `member_name<&user::email>()` is "email".
///
/// The compiler is asked for the name of an instantiated function; what it prints differs, so each compiler is tested
/// below. Where it fails, `orm::name("...")` in the mapping says the column's name.
template <auto Member>
constexpr std::string_view member_name() noexcept
{
    // g++:   "... pretty_name() [with auto Member = &user::email; std::string_view = ...]"
    // clang: "... pretty_name() [Member = &user::email]"
    std::string_view text = detail::pretty_name<Member>();
    text.remove_prefix(text.find("Member = ") + 9);
    if (const auto end = text.find("; std::string_view ="); end != std::string_view::npos)
        text = text.substr(0, end);
    else
        text = text.substr(0, text.rfind(']'));
    // g++ puts some names into parentheses.
    while (!text.empty() && !detail::is_word(text.back()))
        text.remove_suffix(1);
    auto begin = text.size();
    while (begin > 0 && detail::is_word(text[begin - 1]))
        --begin;
    return text.substr(begin);
}

namespace detail {

struct name_probe {
    int probed_member{};
};
static_assert(member_name<&name_probe::probed_member>() == "probed_member",
              "tusk: this compiler prints the names of members in a form that is not known yet");

namespace {
struct hidden_name_probe {
    int probed_member{};
};
static_assert(member_name<&hidden_name_probe::probed_member>() == "probed_member");
} // namespace

} // namespace detail

} // namespace tusk::orm
