#pragma once

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/row_range.hpp>

#include <asio/awaitable.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace tusk {

/// The data of a COPY ... TO STDOUT, in batches as it comes.
///
/// It holds its connection (or its transaction) until it is read to its end or destroyed.
/// @par Lifetime       A batch lives until the next one is asked for. Destroyed early, the rest is dropped without
///                     blocking; the connection stays usable. (A COPY can only be left by a cancel, so a transaction
///                     has failed then.)
/// @par Thread safety  Call from the connection's strand.
class copy_reader
{
public:
    copy_reader(copy_reader&&) noexcept = default;
    copy_reader& operator=(copy_reader&& other) noexcept;
    ~copy_reader();

    /// Waits for more; what had been there before is gone. A batch ends where a row ends.
    /// @returns False when there is no more.
    /// @throws server_error      The COPY failed.
    /// @throws connection_error  The connection was lost.
    /// @par Cancellation  Any type: it ends the COPY.
    [[nodiscard]] asio::awaitable<bool> next_batch()
    {
        return detail::await_value<bool, detail::take_copy_batch>(detail::make_copy_batch(source()));
    }

    /// The bytes of the batch in the format that the statement asked for.
    [[nodiscard]] std::span<const std::byte> data() const noexcept { return batch_->bytes.bytes(); }

    /// The same as text.
    [[nodiscard]] std::string_view text() const noexcept
    {
        return {reinterpret_cast<const char*>(data().data()), data().size()};
    }

    /// The rows of the batch as C++ values, of a COPY in binary; see `result::as`.
    /// @throws usage_error   The COPY is not in binary, or where its rows come from cannot be told from its text.
    /// @throws decode_error  The columns do not fit.
    template <class... T>
    [[nodiscard]] row_range<detail::row_result<T...>> as() const
    {
        const detail::row_store& rows = detail::copy_rows(*batch_);
        return row_range<detail::row_result<T...>>{*batch_->columns, &rows};
    }

    /// What the server said at the end: "COPY 10000"; empty before.
    [[nodiscard]] const command_tag& tag() const noexcept { return batch_->tag; }

private:
    friend struct detail::take_copy_reader;

    copy_reader(detail::request_ptr opened, std::shared_ptr<detail::copy_batch> batch) noexcept
        : source_{std::move(opened)}, batch_{std::move(batch)}
    {
    }
    [[nodiscard]] const detail::request_ptr& source() const;

    detail::request_ptr source_;
    std::shared_ptr<detail::copy_batch> batch_;
};

} // namespace tusk
