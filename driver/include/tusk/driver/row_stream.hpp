#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/stream_access.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/driver/row_range.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <span>
#include <utility>

namespace tusk {

/// How many rows of a stream are fetched at a time; for streams inside a transaction.
struct fetch_size {
    explicit constexpr fetch_size(std::int32_t count) noexcept : rows{count} {}
    std::int32_t rows;
};

/// The rows of a statement, in batches as they come: any number of rows in constant memory.
///
/// Outside a transaction it holds its connection until it is read to its end or destroyed. Inside one it is a portal,
/// and other statements of the transaction may run between two batches.
///
/// @par Lifetime       The rows of a batch live until the next one is asked for. Destroyed early, what is left is
///                     dropped without blocking, the connection stays usable, and a transaction goes on.
/// @par Thread safety  Call from the connection's strand.
class row_stream
{
public:
    row_stream(row_stream&&) noexcept = default;
    row_stream& operator=(row_stream&& other) noexcept;
    ~row_stream();

    /// Waits for the next rows; what had been there before is gone.
    /// @returns False when there are no more.
    /// @throws server_error      The statement failed; rows that had come before it were handed out.
    /// @throws connection_error  The connection was lost.
    /// @par Cancellation  Any type: it ends the stream. The connection and the transaction stay usable.
    [[nodiscard]] asio::awaitable<bool> next_batch()
    {
        return detail::await_value<bool, detail::take_batch>(detail::make_next_batch(source()));
    }

    [[nodiscard]] std::span<const column> columns() const noexcept { return batch().column_span(); }

    /// Rows of the current batch.
    [[nodiscard]] std::size_t size() const noexcept { return batch().rows.size(); }

    /// A row of the current batch, counted from 0.
    /// @throws usage_error  There are not that many rows.
    [[nodiscard]] row_view operator[](std::size_t position) const;

    /// The current batch as C++ values; see `result::as`.
    /// @throws decode_error  The columns do not fit.
    template <class... T>
    [[nodiscard]] row_range<detail::row_result<T...>> as() const
    {
        return row_range<detail::row_result<T...>>{columns(), &batch().rows};
    }

    /// What the server said at the end: "SELECT 1000000"; empty before.
    [[nodiscard]] const command_tag& tag() const noexcept { return batch().tag; }

    /// Goes through the current batch as views.
    class iterator
    {
    public:
        using value_type = row_view;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        iterator(const row_stream& of, std::size_t position) noexcept : of_{&of}, position_{position} {}

        row_view operator*() const { return (*of_)[position_]; }
        iterator& operator++() noexcept
        {
            ++position_;
            return *this;
        }
        iterator operator++(int) noexcept { return {*of_, position_++}; }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.position_ == b.position_; }

    private:
        const row_stream* of_ = nullptr;
        std::size_t position_ = 0;
    };
    [[nodiscard]] iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] iterator end() const noexcept { return {*this, size()}; }

private:
    friend struct detail::take_stream;

    explicit row_stream(detail::request_ptr opened) noexcept : source_{std::move(opened)} {}
    [[nodiscard]] const detail::request_ptr& source() const;
    [[nodiscard]] const detail::result_data& batch() const noexcept { return *source_->data; }

    detail::request_ptr source_;
};

} // namespace tusk
