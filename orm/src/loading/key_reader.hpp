#pragma once

#include "loading/row_fields.hpp"
#include "loading/scratch_entity.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/orm/detail/operations.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// Makes keys of the fields of rows: the same bytes as `append_key` makes of entities.
///
/// Where the server's encoding of a value is the one that we would make of it (integers, text, uuid, date and time) its
/// bytes are the key; other values are decoded and encoded.
class key_reader
{
public:
    /// @param like       The columns whose values they are, in the order of the key.
    /// @param positions  Where they are in the row.
    /// @param columns    Of the result.
    /// @throws decode_error  A column of the result does not fit the member.
    key_reader(std::span<const column_info* const> like, std::span<const std::size_t> positions,
               std::span<const tusk::column> columns);

    /// @returns The key; nothing where one of the fields is NULL.
    /// @par Lifetime  Until the next call, and not longer than the row.
    std::optional<std::string_view> read(const row_fields& row);

private:
    struct part {
        const column_info* like = nullptr;
        std::size_t position = 0;
        std::unique_ptr<field_reader> reader; ///< Null: the bytes are the key.
    };

    std::vector<part> parts_;
    std::optional<scratch_entity> scratch_;
    byte_writer encoded_;
    std::string key_;
};

} // namespace tusk::orm::detail
