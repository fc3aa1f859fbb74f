#pragma once

#include <fmt/core.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// A position in the write-ahead log: a value of PostgreSQL's `pg_lsn`. Unsigned, 64 bits.
/// @par Thread safety  A value like an integer.
class pg_lsn
{
public:
    constexpr pg_lsn() noexcept = default;
    constexpr explicit pg_lsn(std::uint64_t position) noexcept : position_{position} {}

    /// Reads "16/B374D848".
    /// @throws decode_error  The text is nothing of the kind.
    static pg_lsn parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<pg_lsn> try_parse(std::string_view text) noexcept;

    /// In bytes.
    [[nodiscard]] constexpr std::uint64_t position() const noexcept { return position_; }

    friend constexpr bool operator==(pg_lsn, pg_lsn) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(pg_lsn, pg_lsn) noexcept = default;

private:
    std::uint64_t position_ = 0;
};

/// As PostgreSQL prints it: "16/B374D848".
[[nodiscard]] std::string to_string(pg_lsn value);

} // namespace tusk

template <>
struct std::hash<tusk::pg_lsn> {
    std::size_t operator()(tusk::pg_lsn value) const noexcept { return std::hash<std::uint64_t>{}(value.position()); }
};

template <>
struct fmt::formatter<tusk::pg_lsn> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tusk::pg_lsn value, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(value), context);
    }
};
