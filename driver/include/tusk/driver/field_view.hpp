#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/codecs.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace tusk {

namespace detail {

/// A C++ type that one column can be read as.
template <class T>
concept field_type = has_codec<typename optional_value<T>::type>;

[[noreturn]] void fail_type(const column& of, std::string_view cpp_type, std::string_view fits);
[[noreturn]] void fail_null(const column& of, std::string_view cpp_type);

/// What reads a column as `T`; the question is asked once per result, not once per row.
/// @throws decode_error  The types do not fit; the message names the column, both types and what would fit.
template <class T>
decoder_of<T> decoder_for(const column& of)
{
    decoder_of<T> decode = ask_decoder<T>(of.server_type(), of.format);
    if (!decode)
        fail_type(of, codec<T>::name, codec<T>::fits);
    return decode;
}

} // namespace detail

/// One value of one row. A view: it lives as long as the result.
class field_view
{
public:
    field_view(const column& of, const std::byte* data, std::int32_t length) noexcept
        : column_{&of}, data_{data}, length_{length}
    {
    }

    [[nodiscard]] bool is_null() const noexcept { return length_ < 0; }

    /// The bytes as they arrived, in `format()`; empty for NULL. Always reachable, whatever the type.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept
    {
        return {data_, length_ < 0 ? std::size_t{0} : static_cast<std::size_t>(length_)};
    }

    [[nodiscard]] oid type() const noexcept { return column_->type; }
    [[nodiscard]] tusk::format format() const noexcept { return column_->format; }
    [[nodiscard]] const tusk::column& column() const noexcept { return *column_; }

    /// The value as a C++ type; `std::optional<T>` where it may be NULL.
    /// @throws decode_error  The types do not fit, the value is NULL and `T` is not optional, or its bytes are
    /// malformed.
    /// @par Lifetime  `std::string_view` and `std::span` point into the result.
    template <detail::field_type T>
    [[nodiscard]] T as() const
    {
        using value = typename detail::optional_value<T>::type;
        const detail::decoder_of<value> decode = detail::decoder_for<value>(*column_);
        if (is_null()) {
            if constexpr (detail::optional_value<T>::optional)
                return std::nullopt;
            else
                detail::fail_null(*column_, codec<value>::name);
        } else {
            return decode(bytes());
        }
    }

private:
    const tusk::column* column_;
    const std::byte* data_;
    std::int32_t length_;
};

} // namespace tusk
