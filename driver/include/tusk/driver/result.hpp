#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/row_range.hpp>
#include <tusk/driver/row_view.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace tusk {

/// All rows of one statement.
///
/// It owns the received bytes once; rows and fields are views into it and are decoded on access.
/// @par Lifetime       Rows, fields and borrowed values live as long as the result. Moving it does not disturb them.
/// @par Thread safety  As the standard containers: concurrent readers are fine.
class result
{
public:
    /// An empty result: no columns, no rows.
    result() = default;
    explicit result(std::unique_ptr<const detail::result_data> data) noexcept : data_{std::move(data)} {}

    [[nodiscard]] std::size_t size() const noexcept { return data_ ? data_->rows.size() : 0; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// The columns in order; none for a statement that returns no rows.
    [[nodiscard]] std::span<const column> columns() const noexcept
    {
        return data_ ? data_->column_span() : std::span<const column>{};
    }

    /// What the server said at the end: "SELECT 3".
    [[nodiscard]] const command_tag& tag() const noexcept;

    /// A row by position, counted from 0.
    /// @throws usage_error  There are not that many rows.
    [[nodiscard]] row_view operator[](std::size_t position) const
    {
        if (position >= size())
            fail_position(position);
        return {data_->column_span(), data_->rows[position]};
    }

    [[nodiscard]] row_view front() const { return (*this)[0]; }

    class iterator;
    [[nodiscard]] iterator begin() const noexcept;
    [[nodiscard]] iterator end() const noexcept;

    /// The rows as C++ values, decoded one by one while you iterate: tuples of `T...`, or `T` where that is one
    /// aggregate or tuple. Number and types of the columns are checked here, once.
    /// @throws decode_error  They do not fit; the message names the column, both types and what would fit.
    /// @par Lifetime  The range refers to this result, which must outlive it.
    template <class... T>
    [[nodiscard]] row_range<detail::row_result<T...>> as() const&
    {
        return row_range<detail::row_result<T...>>{columns(), data_ ? &data_->rows : nullptr};
    }

    /// The same on a temporary result: the range owns it, so that `for (auto row : (co_await …).as<T>())` is safe.
    template <class... T>
    [[nodiscard]] owning_row_range<detail::row_result<T...>> as() &&
    {
        return owning_row_range<detail::row_result<T...>>{std::move(data_)};
    }

private:
    [[noreturn]] void fail_position(std::size_t position) const;

    std::unique_ptr<const detail::result_data> data_;
};

/// Goes through the rows of a result as views.
class result::iterator
{
public:
    using value_type = row_view;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    iterator(const result& of, std::size_t position) noexcept : of_{&of}, position_{position} {}

    row_view operator*() const { return (*of_)[position_]; }
    iterator& operator++() noexcept
    {
        ++position_;
        return *this;
    }
    iterator operator++(int) noexcept
    {
        iterator before = *this;
        ++position_;
        return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.position_ == b.position_; }

private:
    const result* of_ = nullptr;
    std::size_t position_ = 0;
};

inline result::iterator result::begin() const noexcept { return {*this, 0}; }
inline result::iterator result::end() const noexcept { return {*this, size()}; }

} // namespace tusk
