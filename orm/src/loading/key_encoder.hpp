#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tusk::orm::detail {

/// Makes the keys by which owners and what is related to them are matched: of any columns, encoded as the identity map
/// has them.
class key_encoder
{
public:
    explicit key_encoder(std::vector<const column_info*> columns);

    /// @param key  Is overwritten.
    /// @returns False where a column is NULL or not loaded.
    bool encode(void* entity, std::string& key);

    [[nodiscard]] const std::vector<const column_info*>& columns() const noexcept { return columns_; }
    /// That column was encoded as text.
    [[nodiscard]] bool is_text(std::size_t column) const noexcept { return is_text_[column]; }

private:
    std::vector<const column_info*> columns_;
    std::vector<bool> is_text_;
    byte_writer encoded_;
};

} // namespace tusk::orm::detail
