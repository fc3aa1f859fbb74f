#pragma once

#include <tusk/driver/detail/optional_value.hpp>
#include <tusk/driver/detail/row_type.hpp>
#include <tusk/driver/field_view.hpp>
#include <tusk/orm/detail/loaded_rows.hpp>
#include <tusk/orm/detail/row_start.hpp>
#include <tusk/orm/ref.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace tusk::orm::detail {

template <class T>
inline constexpr bool is_handle = false;
template <class T>
inline constexpr bool is_handle<ref<T>> = true;

/// Makes what a statement selects of the rows that came: handles and values.
template <class Row>
class row_maker;

/// One entity a row.
template <class T>
class row_maker<ref<T>>
{
public:
    explicit row_maker(const loaded_rows& of) noexcept : of_{&of} {}

    ref<T> operator()(std::size_t row) const { return ref_access::make<T>(of_->entities[row]); }

private:
    const loaded_rows* of_;
};

/// Values only.
template <class... Value>
    requires(!(is_handle<Value> || ...))
class row_maker<std::tuple<Value...>>
{
public:
    explicit row_maker(const loaded_rows& of) : of_{&of}, decode_{of.columns().first(sizeof...(Value))} {}

    std::tuple<Value...> operator()(std::size_t row) const { return decode_(start_of(of_->row(row))); }

private:
    const loaded_rows* of_;
    tusk::detail::row_decoder<std::tuple<Value...>> decode_;
};

/// One value a row.
template <class Value>
class row_maker
{
public:
    explicit row_maker(const loaded_rows& of) : make_{of} {}

    Value operator()(std::size_t row) const { return std::get<0>(make_(row)); }

private:
    row_maker<std::tuple<Value>> make_;
};

/// Entities and values.
template <class... Part>
    requires(is_handle<Part> || ...)
class row_maker<std::tuple<Part...>>
{
public:
    explicit row_maker(const loaded_rows& of) : row_maker{of, std::index_sequence_for<Part...>{}} {}

    std::tuple<Part...> operator()(std::size_t row) const { return make(row, std::index_sequence_for<Part...>{}); }

private:
    static constexpr std::size_t entity_count = (std::size_t{is_handle<Part>} + ...);

    template <class T>
    struct decoder_type {
        using type = tusk::detail::decoder_of<typename tusk::detail::optional_value<T>::type>;
    };
    template <class T>
    struct decoder_type<ref<T>> {
        using type = std::monostate;
    };
    template <std::size_t I>
    using part = std::tuple_element_t<I, std::tuple<Part...>>;

    /// How many entities stand before a part.
    template <std::size_t I>
    static constexpr std::size_t entities_before()
    {
        constexpr std::array<bool, sizeof...(Part)> handles{is_handle<Part>...};
        std::size_t count = 0;
        for (std::size_t i = 0; i < I; ++i)
            count += handles[i] ? 1 : 0;
        return count;
    }

    template <std::size_t... I>
    row_maker(const loaded_rows& of, std::index_sequence<I...>) : of_{&of}
    {
        (ask<I>(), ...);
    }

    template <std::size_t I>
    void ask()
    {
        if constexpr (!is_handle<part<I>>)
            std::get<I>(decoders_) = tusk::detail::decoder_for<typename tusk::detail::optional_value<part<I>>::type>(
                of_->columns()[of_->first_columns[I]]);
    }

    template <std::size_t... I>
    std::tuple<Part...> make(std::size_t row, std::index_sequence<I...>) const
    {
        return std::tuple<Part...>{take<I>(row)...};
    }

    template <std::size_t I>
    part<I> take(std::size_t row) const
    {
        if constexpr (is_handle<part<I>>) {
            return ref_access::make<typename part<I>::entity_type>(
                of_->entities[row * entity_count + entities_before<I>()]);
        } else {
            const field_view field = of_->row(row)[of_->first_columns[I]];
            if (field.is_null()) {
                if constexpr (tusk::detail::optional_value<part<I>>::optional)
                    return std::nullopt;
                else
                    tusk::detail::fail_null(field.column(),
                                            codec<typename tusk::detail::optional_value<part<I>>::type>::name);
            }
            return std::get<I>(decoders_)(field.bytes());
        }
    }

    const loaded_rows* of_;
    std::tuple<typename decoder_type<Part>::type...> decoders_;
};

} // namespace tusk::orm::detail
