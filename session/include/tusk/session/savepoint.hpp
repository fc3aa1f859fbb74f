#pragma once

#include <asio/awaitable.hpp>

#include <memory>

namespace tusk {

class session;

namespace detail {
class session_state;
struct savepoint_mark;
} // namespace detail

/// A savepoint in a session's transaction; `session::begin_nested` makes it. What the session runs until it ends
/// belongs to it.
///
/// @par Lifetime       Destroyed unfinished it is rolled back to, without blocking or throwing. It ends with its
/// session's
///                     transaction, and may outlive both.
/// @par Thread safety  That of its session.
class savepoint
{
public:
    savepoint(savepoint&&) noexcept = default;
    savepoint& operator=(savepoint&& other) noexcept;
    ~savepoint();

    /// Releases it: its effects are those of what is around it. Savepoints inside it are released too.
    /// @throws transaction_rolled_back  A statement in it had failed; it was rolled back to, and carries that error.
    /// @throws usage_error              It has ended.
    [[nodiscard]] asio::awaitable<void> commit();

    /// Undoes what was done since. Savepoints inside it are gone too.
    /// @throws usage_error  It has ended.
    [[nodiscard]] asio::awaitable<void> rollback();

    /// It has not ended yet.
    [[nodiscard]] bool is_active() const noexcept;

private:
    friend class detail::session_state;

    savepoint(std::shared_ptr<detail::session_state> of, std::shared_ptr<detail::savepoint_mark> mark) noexcept;

    std::shared_ptr<detail::session_state> of_;
    std::shared_ptr<detail::savepoint_mark> mark_;
};

} // namespace tusk
