#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tusk::detail {

/// Puts names together at compile time: "std::vector<" and "bool" and ">".
template <const std::string_view&... Parts>
class joined
{
    static constexpr auto make() noexcept
    {
        std::array<char, (Parts.size() + ... + 0)> text{};
        std::size_t at = 0;
        const auto append = [&](std::string_view part) {
            for (const char c : part)
                text[at++] = c;
        };
        (append(Parts), ...);
        return text;
    }
    static constexpr auto text_ = make();

public:
    static constexpr std::string_view value{text_.data(), text_.size()};
};

/// The same with something between each two: "bool" and ", " and "float".
template <const std::string_view& Between, const std::string_view&... Parts>
class listed
{
    static constexpr std::size_t size_ = (Parts.size() + ... + 0) + Between.size() * (sizeof...(Parts) - 1);

    static constexpr auto make() noexcept
    {
        std::array<char, size_> text{};
        std::size_t at = 0;
        const auto append = [&](std::string_view part) {
            for (const char c : part)
                text[at++] = c;
        };
        const auto append_next = [&](std::string_view part) {
            if (at != 0)
                append(Between);
            append(part);
        };
        (append_next(Parts), ...);
        return text;
    }
    static constexpr auto text_ = make();

public:
    static constexpr std::string_view value{text_.data(), text_.size()};
};

/// The name of a class or an enum of the program, as the compiler writes it.
template <class T>
constexpr std::string_view class_name() noexcept
{
    constexpr std::string_view whole = __PRETTY_FUNCTION__;
    constexpr std::string_view mark = "T = ";
    constexpr std::size_t begin = whole.find(mark) + mark.size();
    constexpr std::size_t end = whole.find_first_of(";]", begin);
    return whole.substr(begin, end - begin);
}

namespace words {

inline constexpr std::string_view close = ">";
inline constexpr std::string_view comma = ", ";
inline constexpr std::string_view in_optional = "std::optional<";
inline constexpr std::string_view in_vector = "std::vector<";
inline constexpr std::string_view in_std_array = "std::array<";
inline constexpr std::string_view in_array = "tusk::array<";
inline constexpr std::string_view in_range = "tusk::range<";
inline constexpr std::string_view in_multirange = "tusk::multirange<";
inline constexpr std::string_view in_tuple = "std::tuple<";
inline constexpr std::string_view in_variant = "std::variant<";
inline constexpr std::string_view arrays_of = "arrays of (";
inline constexpr std::string_view ranges_of = "ranges of (";
inline constexpr std::string_view multiranges_of = "multiranges of (";
inline constexpr std::string_view composites_of = "composite types and records with the fields (";
inline constexpr std::string_view fields_between = ") (";
inline constexpr std::string_view end = ")";
inline constexpr std::string_view alternatives_between = "; ";

} // namespace words

} // namespace tusk::detail
