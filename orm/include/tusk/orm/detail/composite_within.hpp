#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/composite_members.hpp>
#include <tusk/driver/detail/named_type.hpp>
#include <tusk/orm/column_type.hpp>
#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/detail/enum_within.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// Composite types of a database, as far as C++ tells: what their fields are.
namespace tusk::orm::detail {

/// The composite that a type holds, through optionals and arrays.
template <class T>
struct composite_within {
    static constexpr bool is_there = false;
};
template <class T>
struct composite_within<std::optional<T>> : composite_within<T> {
};
template <class T>
struct composite_within<std::vector<T>> : composite_within<T> {
};
template <class T, std::size_t N>
struct composite_within<std::array<T, N>> : composite_within<T> {
};
template <class T>
struct composite_within<array<T>> : composite_within<T> {
};

template <class T>
concept is_plain_composite = requires { requires codec<T>::is_plain_composite; };

/// What a member of a composite is encoded as.
template <class Member>
tusk::detail::named_field composite_field()
{
    using value = tusk::detail::without_optional<Member>;
    if constexpr (composite_within<value>::is_there) {
        constexpr bool is_one = is_plain_composite<value>;
        return {0, composite_within<value>::named(is_one ? "composite" : "composite[]")};
    } else {
        if (const oid known = type_oid_of<value>(); known != 0)
            return {known, nullptr};
        std::string name;
        if constexpr (has_column_type<value>)
            name = column_type<value>::name();
        const bool is_enum = enum_within<value>::get() != nullptr;
        return {0, tusk::detail::named_type(name, is_enum ? type_kind::enumeration : type_kind::scalar)};
    }
}

template <class Members>
struct composite_fields;
template <class... M>
struct composite_fields<std::tuple<M...>> {
    static std::vector<tusk::detail::named_field> get() { return {composite_field<M>()...}; }
};

template <is_plain_composite T>
struct composite_within<T> {
    static constexpr bool is_there = true;
    /// @param name  Of the column's type; an array of it ends with `[]`.
    static std::shared_ptr<const type_info> named(std::string_view name)
    {
        return tusk::detail::named_composite(name, composite_fields<typename codec<T>::members>::get());
    }
};

} // namespace tusk::orm::detail
