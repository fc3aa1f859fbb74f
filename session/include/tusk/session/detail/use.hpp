#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/failure.hpp>

#include <asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <source_location>
#include <utility>

namespace tusk {
class transaction;
} // namespace tusk

namespace tusk::detail {

class session_state;

/// It has a connection and a transaction on it. May be asked without using it: the answer is a hint then.
bool is_open(const session_state& of) noexcept;

/// The use of a session by one caller. While there is one, nobody else can use the session.
///
/// Whoever does several things that belong together (a flush) holds one over all of them.
class session_use
{
public:
    session_use() = default;
    /// @throws usage_error  Somebody uses it, or it was closed.
    explicit session_use(std::shared_ptr<session_state> of);
    session_use(session_use&& other) noexcept = default;
    session_use& operator=(session_use&& other) noexcept;
    ~session_use() { end(); }

    void end() noexcept;

    [[nodiscard]] bool is_open() const noexcept { return detail::is_open(*of_); }
    /// Makes sure that there is a connection with a transaction on it.
    [[nodiscard]] asio::awaitable<void> open(std::source_location who = std::source_location::current()) const;

    /// Where statements go: the innermost savepoint, or the transaction.
    /// @throws pending_rollback  It has failed.
    [[nodiscard]] const target& where() const;
    /// The same as the driver's object, valid until the next savepoint begins or ends.
    [[nodiscard]] transaction& innermost() const;

    /// Something was refused or broken off; what that means for the transaction is remembered.
    void note(const std::exception_ptr& failed) const noexcept;
    void note(const failure& failed) const noexcept;
    /// The transaction has failed, though the server may not know: nothing more runs in it, and it is not committed.
    void fail(const failure& failed) const noexcept;

    [[nodiscard]] const std::shared_ptr<session_state>& shared() const noexcept { return of_; }

private:
    std::shared_ptr<session_state> of_;
};

} // namespace tusk::detail
