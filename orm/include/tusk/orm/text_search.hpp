#pragma once

#include <tusk/orm/expr.hpp>

#include <string>
#include <string_view>
#include <utility>

/// Full text search. A `tsvector` or `tsquery` is a text in C++.
namespace tusk::orm {

namespace detail {

inline constexpr oid tsvector_type = 3614;
inline constexpr oid tsquery_type = 3615;

template <class X>
expr<std::string> text_search_call(std::string_view function, std::string_view configuration, X&& of, oid type)
{
    static_assert(text<plain<value_of<X>>>, "tusk: full text search is for texts");
    // The configuration is a literal: an index on to_tsvector('english', body) is found only by the same expression.
    return expr<std::string>{
        make_call(function, {make_quoted(configuration, 0), free_operand(std::forward<X>(of))}, type)};
}

} // namespace detail

/// @param configuration  "english", "simple" and so on.
template <class X>
[[nodiscard]] expr<std::string> to_tsvector(std::string_view configuration, X&& document)
{
    return detail::text_search_call("to_tsvector", configuration, std::forward<X>(document), detail::tsvector_type);
}
/// A query in the syntax of tsquery: "cat & !dog".
template <class X>
[[nodiscard]] expr<std::string> to_tsquery(std::string_view configuration, X&& query)
{
    return detail::text_search_call("to_tsquery", configuration, std::forward<X>(query), detail::tsquery_type);
}
/// All words of a text.
template <class X>
[[nodiscard]] expr<std::string> plainto_tsquery(std::string_view configuration, X&& query)
{
    return detail::text_search_call("plainto_tsquery", configuration, std::forward<X>(query), detail::tsquery_type);
}
/// All words of a text, next to each other.
template <class X>
[[nodiscard]] expr<std::string> phraseto_tsquery(std::string_view configuration, X&& query)
{
    return detail::text_search_call("phraseto_tsquery", configuration, std::forward<X>(query), detail::tsquery_type);
}
/// What people write into a search field: quotes, "or", "-".
template <class X>
[[nodiscard]] expr<std::string> websearch_to_tsquery(std::string_view configuration, X&& query)
{
    return detail::text_search_call("websearch_to_tsquery", configuration, std::forward<X>(query),
                                    detail::tsquery_type);
}

/// `@@`
/// @param document  A tsvector, or a text, which counts as one.
template <detail::expression_like Document, detail::expression_like Query>
[[nodiscard]] expr<bool> text_matches(const Document& document, const Query& query)
{
    return expr<bool>{detail::make_binary(detail::binary_operator::text_matches, detail::node_of(document),
                                          detail::node_of(query), detail::bool_type)};
}

template <detail::expression_like Document, detail::expression_like Query>
[[nodiscard]] expr<float> ts_rank(const Document& document, const Query& query)
{
    return expr<float>{detail::make_call("ts_rank", {detail::node_of(document), detail::node_of(query)}, 700)};
}

/// A piece of the document with the words that were found.
template <detail::expression_like Document, detail::expression_like Query>
[[nodiscard]] expr<std::string> ts_headline(std::string_view configuration, const Document& document,
                                            const Query& query)
{
    return expr<std::string>{detail::make_call(
        "ts_headline", {detail::make_quoted(configuration, 0), detail::node_of(document), detail::node_of(query)},
        detail::text_type)};
}

} // namespace tusk::orm
