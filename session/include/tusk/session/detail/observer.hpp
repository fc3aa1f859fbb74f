#pragma once

#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>

namespace tusk::detail {

class session_use;

/// How a transaction came to its end.
enum class transaction_end : std::uint8_t {
    committed,
    rolled_back,
    unknown, ///< The connection was lost, or the caller cancelled, after COMMIT had been sent.
};

/// What keeps work of its own that belongs to a session's transaction (a unit of work) is told what becomes of it.
///
/// Everything is called while the session is in use by whoever asked for it. Depths count savepoints from 1, the
/// outermost; what is told of one holds for those inside it as well.
class session_observer
{
public:
    virtual ~session_observer() = default;

    /// What was not sent yet must be sent now: a savepoint begins or is released, or the transaction commits.
    /// What it throws reaches whoever asked, and nothing is released or committed.
    /// @param use  The session's; for its statements.
    virtual asio::awaitable<void> flush(session_use& use) = 0;

    virtual void savepoint_begun(std::size_t depth) noexcept = 0;
    virtual void savepoint_released(std::size_t depth) noexcept = 0;
    virtual void savepoint_rolled_back(std::size_t depth) noexcept = 0;

    /// Also told of one in which no statement was run. (Not told by the session's destructor.)
    virtual void transaction_ended(transaction_end how) noexcept = 0;
};

} // namespace tusk::detail
