#pragma once

#include <tusk/orm/expr.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::orm {

/// A json or jsonb value in a query: `orm::json(col<&event::payload>).at("user").text("name") == "ann"`.
///
/// Whatever C++ type the column has, it is the one that documents inside of it have.
/// @tparam T  The C++ type of a document.
template <class T>
class json_expr : public expr<T>
{
    using part = json_expr<detail::nullable_of<T>>;
    using text_expr = expr<std::optional<std::string>>;

public:
    using expr<T>::expr;

    /// `->`: a member of an object.
    [[nodiscard]] part at(std::string_view key) const
    {
        return part{binary(detail::binary_operator::json_at, text(key), this->node()->type())};
    }
    /// `->`: an element of an array; the first is 0.
    [[nodiscard]] part at(int index) const
    {
        return part{binary(detail::binary_operator::json_at, number(index), this->node()->type())};
    }
    /// `->>`: a member as text.
    [[nodiscard]] text_expr text_at(std::string_view key) const
    {
        return text_expr{binary(detail::binary_operator::json_text, text(key), detail::text_type)};
    }
    [[nodiscard]] text_expr text_at(int index) const
    {
        return text_expr{binary(detail::binary_operator::json_text, number(index), detail::text_type)};
    }
    /// `#>`: along a path: `path("users", "0", "name")`.
    template <class... Step>
    [[nodiscard]] part path(const Step&... steps) const
    {
        return part{binary(detail::binary_operator::json_path, texts(steps...), this->node()->type())};
    }
    /// `#>>`
    template <class... Step>
    [[nodiscard]] text_expr text_path(const Step&... steps) const
    {
        return text_expr{binary(detail::binary_operator::json_text_path, texts(steps...), detail::text_type)};
    }

    // ---- Of jsonb alone.

    /// `@>`
    template <class X>
    [[nodiscard]] expr<bool> contains(X&& other) const
    {
        return condition(detail::binary_operator::contains, document(std::forward<X>(other)));
    }
    /// `<@`
    template <class X>
    [[nodiscard]] expr<bool> contained_by(X&& other) const
    {
        return condition(detail::binary_operator::contained, document(std::forward<X>(other)));
    }
    /// `?`
    [[nodiscard]] expr<bool> has_key(std::string_view key) const
    {
        return condition(detail::binary_operator::json_has, text(key));
    }
    /// `?|`
    template <class... Key>
    [[nodiscard]] expr<bool> has_any_key(const Key&... keys) const
    {
        return condition(detail::binary_operator::json_has_any, texts(keys...));
    }
    /// `?&`
    template <class... Key>
    [[nodiscard]] expr<bool> has_all_keys(const Key&... keys) const
    {
        return condition(detail::binary_operator::json_has_all, texts(keys...));
    }
    /// `@?`: an SQL/JSON path finds something.
    [[nodiscard]] expr<bool> path_exists(std::string_view path) const
    {
        return condition(detail::binary_operator::json_path_exists, json_path(path));
    }
    /// `@@`: an SQL/JSON path is a condition, and true.
    [[nodiscard]] expr<bool> path_matches(std::string_view path) const
    {
        return condition(detail::binary_operator::text_matches, json_path(path));
    }
    /// `#-`: without what is at the path.
    template <class... Step>
    [[nodiscard]] json_expr delete_path(const Step&... steps) const
    {
        return json_expr{binary(detail::binary_operator::json_delete_path, texts(steps...), this->node()->type())};
    }

private:
    static constexpr oid jsonpath_type = 4072;
    static constexpr oid jsonb_type = 3802;

    [[nodiscard]] detail::node_ptr binary(detail::binary_operator which, detail::node_ptr other, oid type) const
    {
        return detail::make_binary(which, this->node(), std::move(other), type);
    }
    [[nodiscard]] expr<bool> condition(detail::binary_operator which, detail::node_ptr other) const
    {
        return expr<bool>{binary(which, std::move(other), detail::bool_type)};
    }
    static detail::node_ptr text(std::string_view of)
    {
        return detail::bind_value<std::string>(std::string{of}, detail::text_type);
    }
    static detail::node_ptr number(int of) { return detail::bind_value<int>(of, detail::type_oid_of<int>()); }
    static detail::node_ptr json_path(std::string_view of)
    {
        return detail::bind_value<std::string>(std::string{of}, jsonpath_type);
    }
    template <class... Each>
    static detail::node_ptr texts(const Each&... each)
    {
        return detail::bind_value<std::vector<std::string>>({std::string{each}...}, detail::text_array_type);
    }
    template <class X>
    static detail::node_ptr document(X&& of)
    {
        if constexpr (detail::expression_like<X>)
            return detail::node_of(of);
        else if constexpr (detail::text<std::decay_t<X>>)
            return detail::bind_value<std::string>(std::string{std::string_view{of}}, jsonb_type);
        else
            return detail::bind_value<detail::plain<X>>(std::forward<X>(of), jsonb_type);
    }
};

template <detail::expression_like X>
[[nodiscard]] json_expr<detail::value_of<X>> json(const X& of)
{
    return json_expr<detail::value_of<X>>{detail::node_of(of)};
}

} // namespace tusk::orm
