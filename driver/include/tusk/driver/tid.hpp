#pragma once

#include <fmt/core.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// Where a version of a row is in its table: a value of PostgreSQL's `tid`, the type of the column `ctid`.
class tid
{
public:
    constexpr tid() noexcept = default;
    constexpr tid(std::uint32_t block, std::uint16_t offset) noexcept : block_{block}, offset_{offset} {}

    /// Reads "(42,7)".
    /// @throws decode_error  The text is nothing of the kind.
    static tid parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<tid> try_parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr std::uint32_t block() const noexcept { return block_; }
    /// Counted from 1.
    [[nodiscard]] constexpr std::uint16_t offset() const noexcept { return offset_; }

    friend constexpr bool operator==(tid, tid) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(tid, tid) noexcept = default;

private:
    std::uint32_t block_ = 0;
    std::uint16_t offset_ = 0;
};

/// As PostgreSQL prints it: "(42,7)".
[[nodiscard]] std::string to_string(tid value);

} // namespace tusk

template <>
struct fmt::formatter<tusk::tid> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::tid value, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(value), context);
    }
};
