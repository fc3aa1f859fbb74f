#pragma once

#include <tusk/driver/row_view.hpp>

#include <cstddef>
#include <cstdint>

namespace tusk::orm::detail {

/// The first field of a row, which has some, with its length before it.
inline const std::byte* start_of(const row_view& row) { return row[0].bytes().data() - sizeof(std::int32_t); }

} // namespace tusk::orm::detail
