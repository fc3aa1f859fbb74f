#pragma once

#include <tusk/driver/detail/aggregate.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/composite_members.hpp>
#include <tusk/driver/detail/is_borrowed.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/detail/native_reader.hpp>
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

    [[gnu::always_inline]] std::tuple<T...> operator()(const std::byte* fields) const
    {
        return decode(fields, std::index_sequence_for<T...>{});
    }

    /// Writes the fields into objects that are there already.
    void into(const std::byte* fields, T&... members) const
    {
        decode_into(fields, std::index_sequence_for<T...>{}, members...);
    }

private:
    template <std::size_t I>
    using element = std::tuple_element_t<I, std::tuple<T...>>;
    template <std::size_t I>
    using value = without_optional<element<I>>;

    template <std::size_t... I>
    row_decoder(std::span<const column> columns, std::index_sequence<I...>) : columns_{checked(columns)}
    {
        ((std::get<I>(functions_) = decoder_for<value<I>>(columns[I])), ...);
        ((is_native_[I] = reads_native<I>()), ...);
        are_native_ = ((is_native_[I] || !native_reader<value<I>>::exists) && ...);
    }

    static std::span<const column> checked(std::span<const column> columns)
    {
        if (columns.size() != sizeof...(T))
            fail_column_count(columns.size(), sizeof...(T));
        return columns;
    }

    /// The column is read as one of the C++ type's own server type would be: varchar as text.
    template <std::size_t I>
    bool reads_native() const
    {
        if constexpr (native_reader<value<I>>::exists)
            return std::get<I>(functions_) ==
                   ask_decoder<value<I>>(server_type{native_wire<value<I>>::type}, format::binary);
        else
            return false;
    }

    /// The usual row is decoded by the caller's own loop, where its values need not go through memory.
    template <std::size_t... I>
    [[gnu::always_inline]] std::tuple<T...> decode([[maybe_unused]] const std::byte* fields,
                                                   std::index_sequence<I...> all) const
    {
        found_row<T...> found;
        if (are_native_ && found.find(fields)) [[likely]]
            return std::tuple<T...>{read<I>(found)...};
        return decode_unusual(fields, all);
    }

    template <std::size_t... I>
    [[gnu::noinline]] std::tuple<T...> decode_unusual([[maybe_unused]] const std::byte* fields,
                                                      std::index_sequence<I...>) const
    {
        // Braces: the fields are read in the order of the columns.
        return std::tuple<T...>{take<I>(fields)...};
    }

    template <std::size_t... I>
    void decode_into([[maybe_unused]] const std::byte* fields, std::index_sequence<I...>, T&... members) const
    {
        found_row<T...> found;
        if (are_native_ && found.find(fields)) [[likely]]
            ((members = read<I>(found)), ...);
        else
            ((members = take<I>(fields)), ...);
    }

    /// Reads a field that was found.
    template <std::size_t I>
    element<I> read(const found_row<T...>& found) const
    {
        const std::byte* const bytes = found.template value<I>();
        if constexpr (optional_value<element<I>>::optional)
            if (bytes == nullptr)
                return std::nullopt;
        if constexpr (native_reader<value<I>>::exists)
            return native_reader<value<I>>::read(bytes, found.template length<I>());
        else
            return std::get<I>(functions_)({bytes, found.template length<I>()});
    }

    /// Reads the next field, whatever it holds.
    template <std::size_t I>
    element<I> take(const std::byte*& field) const
    {
        const auto length = load_big_endian<std::int32_t>(field);
        field += sizeof length;
        if (length < 0) [[unlikely]] {
            if constexpr (optional_value<element<I>>::optional)
                return std::nullopt;
            else
                fail_null(columns_[I], codec<element<I>>::name);
        }
        const std::byte* const bytes = field;
        field += length;
        const auto size = static_cast<std::uint32_t>(length);
        if constexpr (native_reader<value<I>>::exists)
            if (is_native_[I] && native_reader<value<I>>::takes(bytes, size)) [[likely]]
                return native_reader<value<I>>::read(bytes, size);
        return std::get<I>(functions_)({bytes, size});
    }

    std::span<const column> columns_;
    std::tuple<decoder_of<without_optional<T>>...> functions_;
    /// These are read in place; what their function would refuse is left to it.
    std::array<bool, sizeof...(T)> is_native_{};
    bool are_native_ = false; ///< All that can be.
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
