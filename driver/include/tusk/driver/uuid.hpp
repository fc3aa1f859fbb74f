#pragma once

#include <fmt/core.h>

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tusk {

/// A universally unique identifier: a value of PostgreSQL's `uuid`.
///
/// Sixteen bytes in the order of RFC 9562, compared as PostgreSQL compares them.
/// @par Thread safety  A value like an integer.
class uuid
{
public:
    static constexpr std::size_t size = 16;

    /// The nil UUID, all zero.
    constexpr uuid() noexcept = default;

    /// @param bytes  In the order in which they are printed.
    constexpr explicit uuid(const std::array<std::byte, size>& bytes) noexcept : bytes_{bytes} {}

    /// Reads what PostgreSQL reads: 32 hexadecimal digits of either case, a hyphen after any group of four of them,
    /// braces around the whole or none.
    /// @throws decode_error  The text is nothing of the kind.
    static constexpr uuid parse(std::string_view text)
    {
        const std::optional<uuid> value = try_parse(text);
        if (!value)
            fail_parse();
        return *value;
    }

    /// The same without an exception: empty when the text is not a UUID.
    static constexpr std::optional<uuid> try_parse(std::string_view text) noexcept
    {
        if (text.starts_with('{')) {
            if (!text.ends_with('}'))
                return std::nullopt;
            text = text.substr(1, text.size() - 2);
        }
        uuid value;
        for (std::size_t i = 0; i != size; ++i) {
            if (i != 0 && i % 2 == 0 && text.starts_with('-'))
                text.remove_prefix(1);
            if (text.size() < 2)
                return std::nullopt;
            const int high = digit(text[0]);
            const int low = digit(text[1]);
            if (high < 0 || low < 0)
                return std::nullopt;
            value.bytes_[i] = static_cast<std::byte>(high * 16 + low);
            text.remove_prefix(2);
        }
        if (!text.empty())
            return std::nullopt;
        return value;
    }

    [[nodiscard]] constexpr const std::array<std::byte, size>& bytes() const noexcept { return bytes_; }

    [[nodiscard]] constexpr bool is_nil() const noexcept { return *this == uuid{}; }

    friend constexpr bool operator==(const uuid&, const uuid&) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(const uuid&, const uuid&) noexcept = default;

private:
    static constexpr int digit(char c) noexcept
    {
        if (c >= '0' && c <= '9')
            return c - '0';
        if (c >= 'a' && c <= 'f')
            return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
            return c - 'A' + 10;
        return -1;
    }

    [[noreturn]] static void fail_parse();

    std::array<std::byte, size> bytes_{};
};

/// Lower case with hyphens, as PostgreSQL prints it: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".
[[nodiscard]] std::string to_string(const uuid& value);

} // namespace tusk

template <>
struct std::hash<tusk::uuid> {
    std::size_t operator()(const tusk::uuid& value) const noexcept;
};

template <>
struct fmt::formatter<tusk::uuid> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const tusk::uuid& value, Context& context) const
    {
        return fmt::formatter<std::string_view>::format(tusk::to_string(value), context);
    }
};
