#pragma once

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/row_type.hpp>
#include <tusk/driver/field_view.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tusk {

/// One row. A view: it lives as long as the result that it came from, and copying it copies two pointers.
class row_view
{
public:
    /// @param columns  The result's columns.
    /// @param fields   The first field of a row whose layout was checked against `columns` when it arrived.
    row_view(std::span<const column> columns, const std::byte* fields) noexcept : columns_{columns}, fields_{fields} {}

    [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }

    /// A field by position, counted from 0.
    /// @throws usage_error  There are not that many columns.
    [[nodiscard]] field_view operator[](std::size_t position) const
    {
        if (position >= columns_.size())
            fail_position(position);
        const std::byte* field = fields_;
        for (std::size_t i = 0; i < position; ++i)
            field += stride(field);
        return {columns_[position], field + sizeof(std::int32_t), detail::load_big_endian<std::int32_t>(field)};
    }
    [[nodiscard]] field_view operator[](int position) const { return (*this)[static_cast<std::size_t>(position)]; }

    /// A field by its column's name; the first one where several share it.
    /// @throws usage_error  No column has that name; the message lists those that are there.
    [[nodiscard]] field_view operator[](std::string_view name) const { return (*this)[position_of(name)]; }
    [[nodiscard]] field_view operator[](const char* name) const { return (*this)[std::string_view{name}]; }

    /// The whole row: as a tuple of `T...`, or as `T` itself where that is one aggregate or tuple.
    /// @throws decode_error  The number or the types of the columns do not fit, or a value does not.
    template <class... T>
    [[nodiscard]] detail::row_result<T...> as() const
    {
        return detail::row_decoder<detail::row_result<T...>>{columns_}(fields_);
    }

    [[nodiscard]] std::span<const column> columns() const noexcept { return columns_; }

private:
    static std::size_t stride(const std::byte* field) noexcept
    {
        const auto length = detail::load_big_endian<std::int32_t>(field);
        return sizeof length + (length < 0 ? 0 : static_cast<std::size_t>(length));
    }

    [[nodiscard]] std::size_t position_of(std::string_view name) const;
    [[noreturn]] void fail_position(std::size_t position) const;

    std::span<const column> columns_;
    const std::byte* fields_;
};

} // namespace tusk
