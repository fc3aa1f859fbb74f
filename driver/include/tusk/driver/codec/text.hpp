#pragma once

#include <tusk/driver/codec.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace tusk {

namespace detail {

/// Text decodes from the text types, json, jsonb, jsonpath and xml, from enums, citext, ltree and other types of the
/// database's own whose binary form is text, and from every type that travels in text format; `std::string` also from
/// tsvector and tsquery, whose text is made of their binary form. It encodes for every type: the text types get the
/// characters, any other reads them as it reads a quoted literal. Text with a zero byte is an `encode_error`, since
/// PostgreSQL cannot hold it. The encoding is UTF-8 both ways; what a server with the encoding SQL_ASCII sends is
/// handed on as it is.
template <class Text>
struct text_codec {
    static constexpr std::string_view fits =
        std::is_same_v<Text, std::string>
            ? "text, character varying, character, name, \"char\", json, jsonb, jsonpath, xml, tsvector, tsquery, "
              "enums, "
              "and any type in text format"
            : "text, character varying, character, name, \"char\", json, jsonb, jsonpath, xml, enums, and any type in "
              "text format";
    static decode_function<Text> decoder(server_type type, format as) noexcept;
    static encode_plan<Text> encoder(server_type type) noexcept;
};

extern template struct text_codec<std::string>;
extern template struct text_codec<std::string_view>;

} // namespace detail

template <>
struct codec<std::string> : detail::text_codec<std::string> {
    static constexpr std::string_view name = "std::string";
};

/// As `std::string`, without a copy: a decoded view points into the result and lives as long as it.
template <>
struct codec<std::string_view> : detail::text_codec<std::string_view> {
    static constexpr std::string_view name = "std::string_view";
};

/// One byte: PostgreSQL's `"char"` (in quotes), which its catalogs use for kinds and flags. Not for character(1),
/// whose one character may be several bytes.
template <>
struct codec<char> {
    static constexpr std::string_view name = "char";
    static constexpr std::string_view fits = "\"char\"";
    static decode_function<char> decoder(oid type, format as) noexcept;
    static encode_plan<char> encoder(oid type) noexcept;
};

} // namespace tusk
