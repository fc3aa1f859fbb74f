#pragma once

#include <tusk/driver/detail/aggregate.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/composite_members.hpp>
#include <tusk/driver/detail/fixed_wire.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/field_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// A codec of its own makes an aggregate one value; without one it takes a whole row.
template <class T>
concept value_aggregate = field_type<T> && !requires { codec<T>::is_plain_composite; };

/// A type that takes a whole row: a tuple, or an aggregate that is not itself a value.
template <class T>
concept row_type = is_tuple<T> || (std::is_aggregate_v<T> && std::is_class_v<T> && !value_aggregate<T>);

template <class... T>
struct row_result_of {
    using type = std::tuple<T...>;
};
template <row_type T>
struct row_result_of<T> {
    using type = T;
};

/// What `as<T...>()` gives for each row.
template <class... T>
using row_result = typename row_result_of<T...>::type;

template <class T>
constexpr void refuse_borrowed()
{
    static_assert(!borrows<T>(),
                  "tusk: a view would dangle: the row it points into is gone when this verb returns; use "
                  "std::string or std::vector<std::byte>, or query()");
}

[[noreturn]] void fail_column_count(std::size_t columns, std::size_t members);
[[noreturn]] void fail_null(const column& of, std::string_view cpp_type);

/// The columns of one result matched with the C++ types of one row, once; then called for each row.
template <class Row>
class row_decoder;

template <class... T>
class row_decoder<std::tuple<T...>>
{
    static_assert((field_type<T> && ...),
                  "tusk: a column type has no codec; specialise tusk::codec<T> for it or read it as std::string_view");

public:
    explicit row_decoder(std::span<const column> columns) : row_decoder{columns, std::index_sequence_for<T...>{}} {}

    std::tuple<T...> operator()(const std::byte* fields) const
    {
        return decode(fields, std::index_sequence_for<T...>{});
    }

    /// Writes the fields into objects that are there already.
    void into(const std::byte* fields, T&... members) const
    {
        decode_into(fields, std::index_sequence_for<T...>{}, members...);
    }

private:
    template <std::size_t... I>
    row_decoder(std::span<const column> columns, std::index_sequence<I...>) : columns_{checked(columns)}
    {
        ((std::get<I>(functions_) = decoder_for<typename optional_value<T>::type>(columns[I])), ...);
        ((is_native_[I] = columns[I].type == native_wire<typename optional_value<T>::type>::type &&
                          columns[I].format == format::binary),
         ...);
    }

    static std::span<const column> checked(std::span<const column> columns)
    {
        if (columns.size() != sizeof...(T))
            fail_column_count(columns.size(), sizeof...(T));
        return columns;
    }

    template <std::size_t I>
    using element = std::tuple_element_t<I, std::tuple<T...>>;

    template <std::size_t I>
    element<I> take([[maybe_unused]] const std::byte*& field) const
    {
        const auto length = load_big_endian<std::int32_t>(field);
        field += sizeof length;
        if (length < 0) [[unlikely]] {
            if constexpr (optional_value<element<I>>::optional)
                return std::nullopt;
            else
                fail_null(columns_[I], codec<element<I>>::name);
        }
        const std::byte* value = field;
        field += length;
        using type = typename optional_value<element<I>>::type;
        if constexpr (has_fixed_wire<type>) {
            if (is_native_[I] && length == sizeof(type)) [[likely]]
                return fixed_wire<type>::load(value);
        } else if constexpr (native_wire<type>::form == native_form::boolean) {
            if (is_native_[I] && length == 1 && std::to_integer<unsigned>(*value) <= 1) [[likely]]
                return *value == std::byte{1};
        } else if constexpr (native_wire<type>::type != 0 && std::is_constructible_v<type, const char*, std::size_t>) {
            if (is_native_[I]) [[likely]]
                return type(reinterpret_cast<const char*>(value), static_cast<std::size_t>(length));
        }
        return std::get<I>(functions_)({value, static_cast<std::size_t>(length)});
    }

    template <std::size_t... I>
    std::tuple<T...> decode([[maybe_unused]] const std::byte* fields, std::index_sequence<I...>) const
    {
        // Braces: the fields are read in the order of the columns.
        return std::tuple<T...>{take<I>(fields)...};
    }

    template <std::size_t... I>
    void decode_into([[maybe_unused]] const std::byte* fields, std::index_sequence<I...>, T&... members) const
    {
        ((members = take<I>(fields)), ...);
    }

    std::span<const column> columns_;
    std::tuple<decoder_of<typename optional_value<T>::type>...> functions_;
    /// These are read in place; what their function would refuse is left to it.
    std::array<bool, sizeof...(T)> is_native_{};
};

template <row_type Row>
    requires(!is_tuple<Row>)
class row_decoder<Row>
{
    static_assert(std::is_default_constructible_v<Row>, "tusk: a row type must be default-constructible");

public:
    explicit row_decoder(std::span<const column> columns) : members_{columns} {}

    Row operator()(const std::byte* fields) const
    {
        Row row{};
        std::apply([&](auto&... member) { members_.into(fields, member...); }, tie_members(row));
        return row;
    }

private:
    row_decoder<member_types<Row>> members_;
};

} // namespace tusk::detail
