#include <tusk/orm/detail/loaded_rows.hpp>

#include <tusk/driver/row_stream.hpp>

namespace tusk::orm::detail {

row_view loaded_rows::row_of_batch(std::size_t position) const { return (*batch)[position]; }

std::span<const tusk::column> loaded_rows::columns_of_batch() const noexcept { return batch->columns(); }

} // namespace tusk::orm::detail
