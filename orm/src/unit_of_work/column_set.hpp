#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tusk::orm::detail {

/// Columns of a table, by position. A flush has several for every row, and few tables have more than 64 columns: those
/// are kept in place.
class column_set
{
public:
    column_set() noexcept = default;
    column_set(const column_set& other)
        : first_{other.first_}, more_{other.more_ ? std::make_unique<words>(*other.more_) : nullptr}
    {
    }
    column_set(column_set&& other) noexcept = default;
    column_set& operator=(column_set other) noexcept
    {
        first_ = other.first_;
        more_.swap(other.more_);
        return *this;
    }
    ~column_set() = default;

    void set(std::size_t column) { word_for(column) |= bit(column); }
    void reset(std::size_t column)
    {
        if (test(column))
            word_for(column) &= ~bit(column);
    }
    [[nodiscard]] bool test(std::size_t column) const noexcept { return (word(column / word_bits) & bit(column)) != 0; }
    [[nodiscard]] bool any() const noexcept
    {
        return first_ != 0 || (more_ && std::ranges::any_of(*more_, [](std::uint64_t each) { return each != 0; }));
    }
    [[nodiscard]] bool none() const noexcept { return !any(); }

    friend bool operator==(const column_set& a, const column_set& b) noexcept
    {
        if (a.first_ != b.first_)
            return false;
        for (std::size_t i = 1; i < std::max(a.size(), b.size()); ++i)
            if (a.word(i) != b.word(i))
                return false;
        return true;
    }

private:
    using words = std::vector<std::uint64_t>;
    static constexpr std::size_t word_bits = 64;

    static std::uint64_t bit(std::size_t column) noexcept { return std::uint64_t{1} << column % word_bits; }

    [[nodiscard]] std::size_t size() const noexcept { return more_ ? 1 + more_->size() : 1; }
    [[nodiscard]] std::uint64_t word(std::size_t position) const noexcept
    {
        if (position == 0)
            return first_;
        return position < size() ? (*more_)[position - 1] : 0;
    }
    std::uint64_t& word_for(std::size_t column)
    {
        const std::size_t position = column / word_bits;
        if (position == 0)
            return first_;
        if (!more_)
            more_ = std::make_unique<words>();
        if (more_->size() < position)
            more_->resize(position);
        return (*more_)[position - 1];
    }

    std::uint64_t first_ = 0;     ///< Of the first columns ...
    std::unique_ptr<words> more_; ///< ... and of the others; null where none of them is in it.
};

} // namespace tusk::orm::detail
