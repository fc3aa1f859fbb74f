#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/codecs.hpp>
#include <tusk/driver/column.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace tusk {

namespace detail {

template <class T>
struct optional_value {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct optional_value<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};

/// A C++ type that one column can be read as.
template <class T>
concept field_type = has_codec<typename optional_value<T>::type>;

[[noreturn]] void fail_type(const column& of, std::string_view cpp_type, std::string_view fits);
[[noreturn]] void fail_null(const column& of, std::string_view cpp_type);

/// The function that reads a column as `T`; the question is asked once per result, not once per row.
/// @throws decode_error  The types do not fit; the message names the column, both types and what would fit.
template <class T>
decode_function<T> decoder_for(const column& of)
{
    const decode_function<T> function = codec<T>::decoder(of.type, of.format);
    if (function == nullptr)
        fail_type(of, codec<T>::name, codec<T>::fits);
    return function;
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
        const decode_function<value> decode = detail::decoder_for<value>(*column_);
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
