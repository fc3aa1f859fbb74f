#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tusk {

/// An amount of PostgreSQL's `money`.
///
/// It counts the smallest unit of the currency. How many of them make one of the whole (100, 1, 1000) is the server's
/// setting `lc_monetary` and does not travel, nor does the currency: so there is no conversion to text here. For
/// amounts that must mean the same everywhere use `numeric`.
/// @par Thread safety  A value like an integer.
class money
{
public:
    constexpr money() noexcept = default;
    constexpr explicit money(std::int64_t units) noexcept : units_{units} {}

    /// The amount in the smallest unit: 1234 for $12.34.
    [[nodiscard]] constexpr std::int64_t units() const noexcept { return units_; }

    friend constexpr bool operator==(money, money) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(money, money) noexcept = default;

private:
    std::int64_t units_ = 0;
};

} // namespace tusk

template <>
struct std::hash<tusk::money> {
    std::size_t operator()(tusk::money amount) const noexcept { return std::hash<std::int64_t>{}(amount.units()); }
};
