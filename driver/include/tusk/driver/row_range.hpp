#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/detail/row_type.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

namespace tusk {

/// The rows of a result as C++ values. An input range: each row is decoded when it is reached.
/// @par Lifetime  Refers to the result.
template <class Row>
class row_range
{
public:
    /// @throws decode_error  The columns do not fit `Row`.
    row_range(std::span<const column> columns, const detail::row_store* rows) : decoder_{columns}, rows_{rows} {}

    class iterator
    {
    public:
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        iterator() = default;
        iterator(const row_range& of, std::size_t position) noexcept : of_{&of}, position_{position} {}

        [[gnu::always_inline]] Row operator*() const { return of_->decoder_((*of_->rows_)[position_]); }
        iterator& operator++() noexcept
        {
            ++position_;
            return *this;
        }
        void operator++(int) noexcept { ++position_; }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.position_ == b.position_; }

    private:
        const row_range* of_ = nullptr;
        std::size_t position_ = 0;
    };

    [[nodiscard]] iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] iterator end() const noexcept { return {*this, size()}; }
    [[nodiscard]] std::size_t size() const noexcept { return rows_ == nullptr ? 0 : rows_->size(); }
    [[nodiscard]] Row operator[](std::size_t position) const { return decoder_((*rows_)[position]); }

private:
    detail::row_decoder<Row> decoder_;
    const detail::row_store* rows_;
};

/// A `row_range` that owns its result.
template <class Row>
class owning_row_range
{
public:
    explicit owning_row_range(std::unique_ptr<const detail::result_data> data)
        : data_{std::move(data)},
          range_{data_ ? data_->column_span() : std::span<const column>{}, data_ ? &data_->rows : nullptr}
    {
    }

    [[nodiscard]] auto begin() const noexcept { return range_.begin(); }
    [[nodiscard]] auto end() const noexcept { return range_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return range_.size(); }
    [[nodiscard]] Row operator[](std::size_t position) const { return range_[position]; }

private:
    std::unique_ptr<const detail::result_data> data_;
    row_range<Row> range_;
};

} // namespace tusk
