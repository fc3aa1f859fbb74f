#pragma once

#include <tusk/orm/detail/collection.hpp>

namespace tusk::orm {

/// Entities that a secondary table connects with this one: `orm::many_to_many<tag> tags{};`
template <class T>
class many_to_many : public detail::collection<T>
{
public:
    many_to_many() noexcept = default; // it is no aggregate
};

} // namespace tusk::orm
