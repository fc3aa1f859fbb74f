#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tusk::orm::detail {

/// Columns of a table, by position. A flush has several for every row, and few tables have more than 64 columns: those
/// are kept in place.
class column_set
{
public:
    void set(std::size_t column)
    {
        if (column >= word_bits && more_.size() < column / word_bits)
            more_.resize(column / word_bits);
        word(column) |= bit(column);
    }
    void reset(std::size_t column) noexcept
    {
        if (test(column))
            word(column) &= ~bit(column);
    }
    [[nodiscard]] bool test(std::size_t column) const noexcept
    {
        if (column < word_bits)
            return (first_ & bit(column)) != 0;
        return more_.size() >= column / word_bits && (more_[column / word_bits - 1] & bit(column)) != 0;
    }
    [[nodiscard]] bool any() const noexcept { return first_ != 0 || !is_zero(more_.begin(), more_.end()); }
    [[nodiscard]] bool none() const noexcept { return !any(); }

    friend bool operator==(const column_set& a, const column_set& b) noexcept
    {
        if (a.first_ != b.first_)
            return false;
        const auto both = static_cast<std::ptrdiff_t>(std::min(a.more_.size(), b.more_.size()));
        return std::equal(a.more_.begin(), a.more_.begin() + both, b.more_.begin()) &&
               is_zero(a.more_.begin() + both, a.more_.end()) && is_zero(b.more_.begin() + both, b.more_.end());
    }

private:
    using words = std::vector<std::uint64_t>;
    static constexpr std::size_t word_bits = 64;

    static std::uint64_t bit(std::size_t column) noexcept { return std::uint64_t{1} << column % word_bits; }
    static bool is_zero(words::const_iterator from, words::const_iterator to) noexcept
    {
        return std::all_of(from, to, [](std::uint64_t each) { return each == 0; });
    }
    std::uint64_t& word(std::size_t column) noexcept
    {
        return column < word_bits ? first_ : more_[column / word_bits - 1];
    }

    std::uint64_t first_ = 0; ///< Of the first columns ...
    words more_;              ///< ... and of the others.
};

} // namespace tusk::orm::detail
