#pragma once

#include <tusk/orm/detail/reference.hpp>

namespace tusk::orm {

/// The one entity whose foreign key refers to this one: `orm::has_one<profile> profile{};`
template <class T>
class has_one : public detail::reference<T>
{
public:
    has_one() noexcept = default; // it is no aggregate
    using detail::reference<T>::operator=;
};

} // namespace tusk::orm
