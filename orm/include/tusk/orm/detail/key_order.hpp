#pragma once

#include <tusk/orm/select.hpp>

namespace tusk::orm::detail {

/// All entities of a class in the order of their primary keys.
template <class T>
[[nodiscard]] auto in_key_order()
{
    auto made = select<T>();
    for (const column_info* each : table_of<T>().primary_key())
        made.order_by(order_term{make_column(source_of<T>(), *each), false});
    return made;
}

} // namespace tusk::orm::detail
