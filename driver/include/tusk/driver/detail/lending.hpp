#pragma once

#include <tusk/driver/connection.hpp>
#include <tusk/driver/detail/request.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace tusk::detail {

/// How much of a session is put back before somebody else uses it. An open transaction is one thing, settings, roles,
/// LISTEN, advisory locks and temporary objects are another.
enum class reset_policy : std::uint8_t { automatic, rollback, always, discard_all, none };

/// What a connection is like when it comes back.
enum class lent_state : std::uint8_t {
    clean,  ///< Nothing is pending, no transaction is open, the session is as it was.
    dirty,  ///< `reset` makes it clean.
    broken, ///< It is closed, or cannot be made clean.
};

/// What the connections of a pool tell each other, so that not each has to ask the server: the types of parameters, as
/// a guess, and how types of the database are made.
class shared_knowledge;
std::shared_ptr<shared_knowledge> make_shared_knowledge();

/// The lender's side of a connection: hands out handles that are dead once the connection was taken back.
///
/// @par Thread safety  `lend`, `is_alive` and `close_now` may be called on any thread by whoever owns the connection
///                     alone, while nothing is pending on it; `take_back_unused` on the thread of the lease's user.
///                     The rest is called on the connection's executor.
class lent_connection
{
public:
    /// Takes a connection over.
    explicit lent_connection(connection taken) noexcept;

    /// The lender's own handle.
    [[nodiscard]] connection& own() noexcept { return own_; }

    [[nodiscard]] connection lend() const;
    /// Where requests of the current lease go.
    [[nodiscard]] target target_of_lease() const;

    /// Looks at what has come in, without a round trip and without waiting: the server's goodbye, or its end.
    [[nodiscard]] bool is_alive();

    /// Ends a lease under which nothing was asked of the connection.
    /// @returns Whether that was so and the connection is clean; false leaves everything to `take_back`.
    bool take_back_unused(reset_policy policy) noexcept;

    /// Ends the lease: its handles are dead, what it left open is rolled back.
    lent_state take_back(reset_policy policy);

    /// From here on it tells others what it learns, and hears from them. Before it is lent for the first time.
    void share(shared_knowledge& with);

    /// Whether `reset` will reset the session, and not only end a transaction.
    [[nodiscard]] bool resets_session(reset_policy policy) const noexcept;
    /// From here on what was set up belongs to the session as it should be.
    void accept_session() noexcept;

    [[nodiscard]] bool is_open() const noexcept;
    /// It was closed by a user's `close()`, not by the server or the network.
    [[nodiscard]] bool was_closed_by_user() const noexcept;
    /// A statement was refused because the server is a standby.
    [[nodiscard]] bool was_refused_by_standby() const;

    /// One round trip that changes nothing. `done(bool)` is called on the connection's executor.
    template <class Function>
    void ping(Function done)
    {
        run(make_ping(), std::move(done));
    }

    /// Behind everything that is pending: ROLLBACK where a transaction is open, and the policy's reset of the session.
    /// `done(bool)` is told whether it is clean now.
    template <class Function>
    void reset(reset_policy policy, Function done)
    {
        run(make_reset(policy), std::move(done));
    }

    /// Says goodbye and waits for the server to hang up. `done(bool)`.
    template <class Function>
    void close(Function done)
    {
        run(make_goodbye(), std::move(done));
    }

    /// Says goodbye and closes the socket now. Nothing may be pending.
    void close_now() noexcept;

    /// Closes the socket now. What is pending ends with this reason.
    void drop(const std::string& reason);

private:
    [[nodiscard]] request_ptr make_ping() const;
    [[nodiscard]] request_ptr make_reset(reset_policy policy) const;
    [[nodiscard]] request_ptr make_goodbye() const;
    void hand_in(request_ptr what);

    template <class Function>
    void run(request_ptr what, Function done)
    {
        what->keep_handler(std::move(done), [](request_ptr ended) {
            Function call = ended->take_handler<Function>();
            const bool succeeded = !ended->why;
            ended.reset();
            call(succeeded);
        });
        hand_in(std::move(what));
    }

    connection own_;
};

} // namespace tusk::detail
