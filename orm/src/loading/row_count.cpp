#include "loading/row_count.hpp"

#include <tusk/driver/error.hpp>

namespace tusk::orm::detail {

void check_row_count(std::size_t rows, row_bound bound)
{
    if (bound != row_bound::one && bound != row_bound::one_or_none)
        return;
    if (rows == 0 && bound == row_bound::one)
        throw row_count_error{"no row was found where one was required: use one_or_none() where there may be none", 0};
    if (rows > 1)
        throw row_count_error{bound == row_bound::one
                                  ? "multiple rows were found where exactly one was required: add a condition that "
                                    "singles one out, or use first() or all()"
                                  : "multiple rows were found where one or none was required: add a condition that "
                                    "singles one out, or use first() or all()",
                              rows};
}

} // namespace tusk::orm::detail
