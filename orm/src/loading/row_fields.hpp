#pragma once

#include <tusk/driver/detail/big_endian.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tusk::orm::detail {

/// Where the fields of one row are, found in one pass, so that they can be read in any order.
class row_fields
{
public:
    explicit row_fields(std::size_t count) : fields_(count) {}

    /// @param row  The first field; the layout was checked when the row arrived.
    void look_at(const std::byte* row) noexcept
    {
        for (field& each : fields_) {
            each.length = tusk::detail::load_big_endian<std::int32_t>(row);
            row += sizeof each.length;
            each.data = row;
            if (each.length > 0)
                row += each.length;
        }
    }

    [[nodiscard]] bool is_null(std::size_t position) const noexcept { return fields_[position].length < 0; }
    /// Must not be NULL.
    [[nodiscard]] std::span<const std::byte> operator[](std::size_t position) const noexcept
    {
        return {fields_[position].data, static_cast<std::size_t>(fields_[position].length)};
    }

private:
    struct field {
        const std::byte* data = nullptr;
        std::int32_t length = -1;
    };

    std::vector<field> fields_;
};

} // namespace tusk::orm::detail
