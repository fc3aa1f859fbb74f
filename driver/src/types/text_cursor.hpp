#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tusk::types {

/// Takes a text apart from the front; once something is missing, all that follows is too.
class text_cursor
{
public:
    explicit text_cursor(std::string_view text) noexcept : rest_{text} {}

    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool at_end() const noexcept { return ok_ && rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    void fail() noexcept { ok_ = false; }

    bool accept(std::string_view expected) noexcept
    {
        if (!rest_.starts_with(expected))
            return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    void expect(std::string_view expected) noexcept { ok_ = accept(expected) && ok_; }

    /// All that stands before one of the characters, or before the end.
    std::string_view take_until(std::string_view stops) noexcept
    {
        const std::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    /// A number of `least` to `most` digits that is at most `limit`.
    std::int64_t number(std::size_t least, std::size_t most, std::int64_t limit) noexcept
    {
        std::int64_t value = 0;
        std::size_t digits = 0;
        while (digits != most && digits != rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
            value = value * 10 + (rest_[digits] - '0');
            ++digits;
        }
        rest_.remove_prefix(digits);
        ok_ = ok_ && digits >= least && value <= limit;
        return value;
    }

    /// One to six digits after a point, in millionths.
    std::int64_t fraction() noexcept
    {
        const std::size_t before = rest_.size();
        std::int64_t value = number(1, 6, 999'999);
        for (std::size_t digits = before - rest_.size(); digits < 6; ++digits)
            value *= 10;
        return value;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace tusk::types
