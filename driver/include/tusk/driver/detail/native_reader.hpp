#pragma once

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/date_time.hpp>
#include <tusk/driver/detail/fixed_wire.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/detail/optional_value.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

namespace tusk::detail {

/// Reads values of a C++ type from where they lie in a row, in the binary form of its own server type. What it does not
/// take is left to the codec, which also says what is wrong with it.
template <class T>
struct native_reader {
    static constexpr bool exists = false;
};

/// Of those that always have the same size.
template <class T>
struct sized_reader {
    static constexpr bool exists = true;
    static bool takes(const std::byte* /*value*/, std::uint32_t length) noexcept { return length == sizeof(T); }
};

template <has_fixed_wire T>
struct native_reader<T> : sized_reader<T> {
    static T read(const std::byte* value, std::uint32_t /*length*/) noexcept { return fixed_wire<T>::load(value); }
};

template <>
struct native_reader<bool> : sized_reader<bool> {
    static bool takes(const std::byte* value, std::uint32_t length) noexcept
    {
        return length == sizeof(bool) && std::to_integer<unsigned>(*value) <= 1;
    }
    static bool read(const std::byte* value, std::uint32_t /*length*/) noexcept { return *value == std::byte{1}; }
};

template <class T>
    requires std::same_as<T, timestamp> || std::same_as<T, timestamptz>
struct native_reader<T> : sized_reader<T> {
    static bool takes(const std::byte* value, std::uint32_t length) noexcept
    {
        if (length != sizeof(T))
            return false;
        const auto count = load_big_endian<std::int64_t>(value);
        return is_finite_time(count) || is_infinite(count);
    }
    static T read(const std::byte* value, std::uint32_t /*length*/)
    {
        return T::from_microseconds_since_2000(load_big_endian<std::int64_t>(value));
    }
};

template <class T>
    requires(native_wire<T>::type == native_wire<std::string>::type)
struct native_reader<T> {
    static constexpr bool exists = true;
    static bool takes(const std::byte* /*value*/, std::uint32_t /*length*/) noexcept { return true; }
    static T read(const std::byte* value, std::uint32_t length)
    {
        return T(reinterpret_cast<const char*>(value), length);
    }
};

/// Where the fields of one row are, whose columns have the server types of their C++ types.
///
/// They are all found before the first is read. So where a row is like most, its layout is known to the compiler but
/// for the lengths of texts: a comparison a field, and no more.
template <class... T>
class found_row
{
public:
    /// @returns False where the row is not like most: a field is NULL or has bytes that its reader does not take.
    bool find(const std::byte* fields) noexcept { return find(fields, std::index_sequence_for<T...>{}); }

    /// Where a field is; null where it is NULL.
    template <std::size_t I>
    [[nodiscard]] const std::byte* value() const noexcept
    {
        return values_[I];
    }

    template <std::size_t I>
    [[nodiscard]] std::uint32_t length() const noexcept
    {
        return load_big_endian<std::uint32_t>(values_[I] - sizeof(std::uint32_t));
    }

private:
    static constexpr std::uint32_t null_length = 0xffff'ffff;

    template <std::size_t... I>
    bool find([[maybe_unused]] const std::byte* field, std::index_sequence<I...>) noexcept
    {
        return (find_one<I>(field) && ...);
    }

    template <std::size_t I>
    bool find_one(const std::byte*& field) noexcept
    {
        using element = std::tuple_element_t<I, std::tuple<T...>>;
        const auto length = load_big_endian<std::uint32_t>(field);
        field += sizeof length;
        if (length == null_length) [[unlikely]] {
            values_[I] = nullptr;
            return optional_value<element>::optional;
        }
        if constexpr (native_reader<without_optional<element>>::exists)
            if (!native_reader<without_optional<element>>::takes(field, length)) [[unlikely]]
                return false;
        values_[I] = field;
        field += length;
        return true;
    }

    std::array<const std::byte*, sizeof...(T)> values_;
};

} // namespace tusk::detail
