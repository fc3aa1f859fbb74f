#pragma once

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/orm/column_type.hpp>
#include <tusk/orm/detail/expression_node.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// What a C++ type is declared as; 0 for a type of the database's own.
template <class T>
oid type_oid_of()
{
    if constexpr (has_column_type<T>) {
        static const oid known = oid_of_type(column_type<T>::name());
        return known;
    } else {
        return 0;
    }
}
template <>
inline oid type_oid_of<bool>()
{
    return 16;
}
template <>
inline oid type_oid_of<std::string>()
{
    return 25;
}
template <>
inline oid type_oid_of<int>()
{
    return 23;
}
template <>
inline oid type_oid_of<long>()
{
    return 20;
}

/// A value in a statement: a parameter.
class parameter_node : public node
{
public:
    void render(renderer& to) const final;
    [[nodiscard]] const tusk::detail::parameter& parameter() const noexcept { return parameter_; }

protected:
    explicit parameter_node(oid type) noexcept : node{type, precedence::primary} {}

    tusk::detail::parameter parameter_;
};

template <class T>
class bound_node final : public parameter_node
{
public:
    bound_node(T value, oid type) : parameter_node{type}, value_{std::move(value)}
    {
        static_assert(tusk::detail::parameter_type<T>,
                      "tusk: a value of this type cannot be sent: give it a tusk::codec (driver/README.md, \"Your own "
                      "types\"), or send a std::string, which any type accepts as text");
        parameter_ = {&value_, &tusk::detail::operations_of<T>, type};
    }

private:
    T value_;
};

template <class T>
node_ptr bind_value(T value, oid type)
{
    return std::make_shared<bound_node<T>>(std::move(value), type);
}

} // namespace tusk::orm::detail
