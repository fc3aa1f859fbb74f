#pragma once

#include <tusk/orm/detail/statement_run.hpp>
#include <tusk/orm/detail/typed_run.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <utility>
#include <vector>

namespace tusk::orm {

namespace detail {

/// The batches of a statement, without their C++ types.
class statement_stream
{
public:
    statement_stream() = default;
    statement_stream(const statement_stream&) = delete;
    statement_stream& operator=(const statement_stream&) = delete;
    virtual ~statement_stream() = default;

    /// Loads the next rows into `came`; what had been there is gone.
    /// @returns False when there are no more.
    virtual asio::awaitable<bool> next() = 0;

    loaded_rows came;
};

asio::awaitable<std::unique_ptr<statement_stream>> open_stream(std::shared_ptr<session_state> on, statement_ptr what,
                                                               std::int32_t batch, std::source_location who);

/// @throws usage_error  A collection is joined to the rows.
void refuse_joined_collection(const statement_ptr& what);

} // namespace detail

/// What `stream` of a session gives: the rows of a statement, batch by batch.
/// @par Lifetime       Other verbs of the session may run between two batches. It ends with the transaction; destroyed
///                     early, what is left is dropped without blocking.
/// @par Thread safety  That of its session.
template <class Row>
class row_batches
{
public:
    explicit row_batches(std::unique_ptr<detail::statement_stream> source) noexcept : source_{std::move(source)} {}

    /// Waits for the next rows. The rows before them are gone, and with them the entities that nobody else holds.
    /// @returns False when there are no more.
    /// @throws tusk::error  As `query_verbs::all`.
    /// @par Lifetime      This object must stay where it is until the call has ended.
    /// @par Cancellation  Any type: it ends the stream; as of any verb, the transaction has failed then.
    [[nodiscard]] asio::awaitable<bool> next_batch()
    {
        rows_.clear();
        const bool there_are_more = co_await source_->next();
        if (there_are_more)
            rows_ = detail::make_rows<Row>(source_->came);
        co_return there_are_more;
    }

    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] const Row& operator[](std::size_t position) const { return rows_.at(position); }
    [[nodiscard]] auto begin() const noexcept { return rows_.begin(); }
    [[nodiscard]] auto end() const noexcept { return rows_.end(); }

private:
    std::unique_ptr<detail::statement_stream> source_;
    std::vector<Row> rows_;
};

namespace detail {

template <class Row>
asio::awaitable<row_batches<Row>> open_batches(std::shared_ptr<session_state> on, statement_ptr what,
                                               std::int32_t batch, std::source_location who)
{
    std::unique_ptr<statement_stream> opened = co_await open_stream(std::move(on), std::move(what), batch, who);
    co_return row_batches<Row>{std::move(opened)};
}

} // namespace detail

} // namespace tusk::orm
