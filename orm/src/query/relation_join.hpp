#pragma once

#include "query/renderer.hpp"

#include <tusk/orm/detail/select_data.hpp>
#include <tusk/orm/table_info.hpp>

#include <functional>
#include <vector>

namespace tusk::orm::detail {

/// How a column of the near side is written: it may come out of a subquery.
using column_writer = std::function<void(renderer&, const column_info&)>;

void write_join(renderer& to, const join_item& of);
/// A join by a relation whose near side is written in another way.
void write_relation_join(renderer& to, const join_item& of, const column_writer& near);

/// `a.x = b.y AND ...` over the pairs of a relation.
void write_equal(renderer& to, const std::vector<column_pair>& pairs, const column_writer& near, const source& far);

} // namespace tusk::orm::detail
