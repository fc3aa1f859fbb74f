#pragma once

#include <tusk/orm/belongs_to.hpp>
#include <tusk/orm/has_many.hpp>
#include <tusk/orm/has_one.hpp>
#include <tusk/orm/many_to_many.hpp>
#include <tusk/orm/table_info.hpp>

#include <type_traits>

namespace tusk::orm::detail {

/// What a member's type says about its relation.
template <class Member>
struct relation_traits;

template <class T>
struct relation_traits<has_many<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::one_to_many;
};
template <class T>
struct relation_traits<has_one<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::one_to_one;
};
template <class T>
struct relation_traits<belongs_to<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::many_to_one;
};
template <class T>
struct relation_traits<many_to_many<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::many_to_many;
};

template <class Member>
inline constexpr bool is_relation = std::is_base_of_v<relation_member, Member>;

} // namespace tusk::orm::detail
