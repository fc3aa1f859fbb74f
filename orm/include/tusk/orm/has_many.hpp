#pragma once

#include <tusk/orm/detail/collection.hpp>

namespace tusk::orm {

/// The other side of a foreign key that refers to this entity: `orm::has_many<post> posts{};`
///
/// Touching it before it is loaded throws `not_loaded`; a new entity's is empty and loaded.
template <class T>
class has_many : public detail::collection<T>
{
public:
    has_many() noexcept = default; // it is no aggregate
};

} // namespace tusk::orm
