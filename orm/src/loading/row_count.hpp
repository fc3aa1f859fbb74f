#pragma once

#include <tusk/orm/detail/statement_run.hpp>

#include <cstddef>

namespace tusk::orm::detail {

/// @throws row_count_error  There are more or fewer rows than were asked for.
void check_row_count(std::size_t rows, row_bound bound);

} // namespace tusk::orm::detail
