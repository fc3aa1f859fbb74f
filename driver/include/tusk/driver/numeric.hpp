#pragma once

#include <fmt/core.h>

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tusk {

namespace detail {

/// Integers that count; `bool` and characters do not.
template <class T>
concept number_integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

[[noreturn]] void fail_numeric_integer();

} // namespace detail

/// An exact decimal number: a value of PostgreSQL's `numeric`.
///
/// It holds what the server sends, digit for digit: up to 131072 digits before the point and 16383 after it, the scale
/// (how many digits are shown after the point, so `1.50` stays `1.50`), NaN and both infinities. It does not calculate:
/// that is what the server or a library for decimals is for. Up to 32 digits need no allocation.
///
/// Equal are numbers of equal value, whatever their scale, and NaN is equal to NaN and greater than all else: as in
/// PostgreSQL.
/// @par Thread safety  A value like an integer.
/// @see PostgreSQL documentation, "Arbitrary Precision Numbers".
class numeric
{
public:
    /// Four decimal digits, 0 to 9999.
    using group = std::uint16_t;

    static constexpr int max_scale = 16'383;

    /// 0
    numeric() noexcept : storage_{} {}

    /// Any integer, exactly.
    template <detail::number_integer Int>
    numeric(Int value) noexcept : numeric{std::cmp_less(value, 0), magnitude_of(value)}
    {
    }

    /// The shortest digits that give the same `double` when they are read; NaN and the infinities as such.
    explicit numeric(double value);
    /// The shortest digits that give the same `float` when they are read.
    explicit numeric(float value);

    numeric(const numeric& other);
    numeric(numeric&& other) noexcept : numeric{} { swap(other); }
    numeric& operator=(const numeric& other)
    {
        numeric copy{other};
        swap(copy);
        return *this;
    }
    numeric& operator=(numeric&& other) noexcept
    {
        numeric taken{std::move(other)};
        swap(taken);
        return *this;
    }
    ~numeric() { release(); }

    static numeric nan() noexcept { return numeric{kind::nan}; }
    /// Greater than every number. PostgreSQL has it since version 14.
    static numeric infinity() noexcept { return numeric{kind::infinity}; }
    /// Less than every number. PostgreSQL has it since version 14.
    static numeric minus_infinity() noexcept { return numeric{kind::minus_infinity}; }

    /// Reads a decimal number as PostgreSQL does: "-12.340", ".5", "1e-7", "NaN", "-Infinity". Digits after the point
    /// set the scale.
    /// @throws decode_error  The text is nothing of the kind, or beyond the type's range.
    static numeric parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<numeric> try_parse(std::string_view text);

    /// A number from its groups of four digits: the first one counts 10000 to the power of `weight`.
    /// @param scale  How many digits there are after the point.
    /// @return Empty where a group is above 9999, the groups have more digits after the point than `scale`, or the
    ///         number is beyond the type's range.
    static std::optional<numeric> from_groups(bool negative, int weight, std::span<const group> groups, int scale);

    [[nodiscard]] bool is_nan() const noexcept { return kind_ == kind::nan; }
    [[nodiscard]] bool is_infinite() const noexcept { return kind_ == kind::infinity || kind_ == kind::minus_infinity; }
    [[nodiscard]] bool is_finite() const noexcept { return kind_ == kind::positive || kind_ == kind::negative; }
    [[nodiscard]] bool is_zero() const noexcept { return is_finite() && count_ == 0; }
    /// Less than zero.
    [[nodiscard]] bool is_negative() const noexcept { return kind_ == kind::negative || kind_ == kind::minus_infinity; }

    /// The number of digits after the point.
    [[nodiscard]] int scale() const noexcept { return scale_; }
    /// The power of 10000 that the first group counts.
    [[nodiscard]] int weight() const noexcept { return weight_; }
    /// The groups of four digits, the first and the last of which are not 0; empty for 0 and for what is not finite.
    /// @par Lifetime  Until the number is changed or destroyed.
    [[nodiscard]] std::span<const group> groups() const noexcept { return {data(), count_}; }

    /// The same integer.
    /// @throws decode_error  The number is not whole, is not finite, or does not fit `Int`.
    template <detail::number_integer Int>
    [[nodiscard]] Int to_integer() const
    {
        const std::optional<std::uint64_t> magnitude = whole_magnitude();
        if (!magnitude)
            detail::fail_numeric_integer();
        if (kind_ != kind::negative) {
            if (!std::in_range<Int>(*magnitude))
                detail::fail_numeric_integer();
            return static_cast<Int>(*magnitude);
        }
        constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
        if (*magnitude > lowest || !std::in_range<Int>(static_cast<std::int64_t>(0 - *magnitude)))
            detail::fail_numeric_integer();
        return static_cast<Int>(0 - *magnitude);
    }

    /// The nearest `double`. A `double` that was converted to `numeric` comes back as it was, but for the sign of zero.
    /// @throws decode_error  It is too great or too small for `double`.
    [[nodiscard]] double to_double() const;

    friend bool operator==(const numeric& a, const numeric& b) noexcept { return (a <=> b) == 0; }
    friend std::weak_ordering operator<=>(const numeric& a, const numeric& b) noexcept;

    void swap(numeric& other) noexcept
    {
        std::swap(count_, other.count_);
        std::swap(weight_, other.weight_);
        std::swap(scale_, other.scale_);
        std::swap(kind_, other.kind_);
        std::swap(storage_, other.storage_);
    }

private:
    enum class kind : std::uint8_t { minus_infinity, negative, positive, infinity, nan };

    static constexpr std::size_t inline_groups = 8;

    explicit numeric(kind what) noexcept : kind_{what}, storage_{} {}
    numeric(bool negative, std::uint64_t magnitude) noexcept;

    template <class Int>
    static constexpr std::uint64_t magnitude_of(Int value) noexcept
    {
        const auto wide = static_cast<std::uint64_t>(value);
        return std::cmp_less(value, 0) ? 0 - wide : wide;
    }

    [[nodiscard]] const group* data() const noexcept
    {
        return count_ <= inline_groups ? storage_.near.data() : storage_.far;
    }

    /// Room for the groups of a number that has none yet.
    group* make_room(std::size_t count);
    void release() noexcept
    {
        if (count_ > inline_groups)
            delete[] storage_.far;
    }

    [[nodiscard]] std::optional<std::uint64_t> whole_magnitude() const noexcept;

    union groups_storage {
        std::array<group, inline_groups> near;
        group* far;
    };

    std::uint32_t count_ = 0;
    std::int16_t weight_ = 0;
    std::uint16_t scale_ = 0;
    kind kind_ = kind::positive;
    groups_storage storage_;
};

/// As PostgreSQL prints it: "-12.340", "NaN", "Infinity".
[[nodiscard]] std::string to_string(const numeric& value);

} // namespace tusk

template <>
struct std::hash<tusk::numeric> {
    std::size_t operator()(const tusk::numeric& value) const noexcept;
};

template <>
struct fmt::formatter<tusk::numeric> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::numeric& value, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(value), context);
    }
};
