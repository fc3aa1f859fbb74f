#pragma once

#include <tusk/orm/detail/output_list.hpp>
#include <tusk/orm/detail/write_data.hpp>
#include <tusk/orm/operators.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace tusk::orm::detail {

/// The value of a column in an INSERT or UPDATE: an expression, or a value of the column's type.
template <class T, class X>
node_ptr assigned_value(X&& value, const column_info& column)
{
    using given = std::remove_cvref_t<X>;
    if constexpr (expression_like<X>) {
        static_assert(std::is_void_v<value_of<X>> || comparable_values<plain<T>, plain<value_of<X>>>,
                      "tusk: the column has another type than the expression that it is set to: convert it with "
                      "orm::cast<T>(expression, \"type\")");
        return node_of(value);
    } else if constexpr (std::is_same_v<given, std::nullopt_t> || std::is_same_v<given, std::nullptr_t>) {
        static_assert(is_nullable<T>, "tusk: this column cannot be NULL: its member is no std::optional");
        return bind_value<std::optional<plain<T>>>(std::nullopt, column.type_oid);
    } else {
        static_assert(is_nullable<T> || !is_nullable<given>,
                      "tusk: this column cannot be NULL: its member is no std::optional, but the value is");
        return bind_as<T>(std::forward<X>(value), column.type_oid);
    }
}

/// The same statement, which gives something back.
template <class Data, class Statement>
std::shared_ptr<Data> with_returning(const Statement& of, std::vector<output_item> outputs)
{
    auto made = std::make_shared<Data>(static_cast<const Data&>(*of.shared_data()));
    made->returning = std::move(outputs);
    return made;
}

} // namespace tusk::orm::detail
