#pragma once

#include <tusk/orm/detail/reference.hpp>

namespace tusk::orm {

/// The entity that a foreign key of this one refers to: `orm::belongs_to<user> author{};`
template <class T>
class belongs_to : public detail::reference<T>
{
public:
    belongs_to() noexcept = default; // it is no aggregate
    using detail::reference<T>::operator=;
};

} // namespace tusk::orm
