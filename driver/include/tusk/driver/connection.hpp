#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/lease_verbs.hpp>
#include <tusk/driver/session_verbs.hpp>
#include <tusk/driver/shared_connection.hpp>
#include <tusk/driver/timed.hpp>
#include <tusk/driver/verbs.hpp>

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tusk {

/// One session with a PostgreSQL server.
///
/// A connection is a queue: any number of coroutines may call it, requests are sent together and answered in order,
/// and one that fails touches no other. A transaction, a stream or a COPY leases it: a call on the connection itself is
/// then a `usage_error` that says who holds it.
///
/// @par Lifetime       Destroying it closes the session without blocking; requests that somebody still awaits are
///                     answered first. It must not outlive its execution context. Moving it disturbs nothing.
/// @par Thread safety  Use it from one implicit or explicit strand.
class connection : public verbs<connection>, public lease_verbs<connection>, public session_verbs<connection>
{
public:
    connection(connection&&) noexcept = default;
    connection& operator=(connection&& other) noexcept;
    ~connection();

    /// A view on which every call has a deadline.
    /// @param timeout  From the moment that the call is awaited; of a `with_transaction`, for the whole block.
    /// @throws usage_error  It is not positive.
    [[nodiscard]] timed<verbs, lease_verbs, session_verbs>
    with_timeout(std::chrono::steady_clock::duration timeout) const
    {
        return timed<verbs, lease_verbs, session_verbs>{detail::timed_target(target(), timeout)};
    }

    /// A handle for several callers. While one exists, taking a lease (a transaction, a stream, a COPY) is a
    /// `usage_error`, so that no caller fails by chance of timing.
    /// @throws usage_error  Something holds the connection.
    [[nodiscard]] shared_connection share();

    [[nodiscard]] bool is_open() const noexcept;

    /// The last value that the server reported of one of its parameters ("server_version", "TimeZone"); empty where it
    /// reported none.
    [[nodiscard]] std::string parameter(std::string_view name) const;

    /// The server process that serves this session.
    [[nodiscard]] std::int32_t backend_pid() const;

    /// What the last ReadyForQuery said: 'I' idle, 'T' in a transaction, 'E' in a failed one.
    [[nodiscard]] char transaction_status() const;

    [[nodiscard]] asio::any_io_executor get_executor() const;

private:
    template <class>
    friend class verbs;
    template <class>
    friend class lease_verbs;
    template <class>
    friend class session_verbs;
    friend class detail::engine;

    explicit connection(detail::target at) noexcept : at_{std::move(at)} {}
    [[nodiscard]] const detail::target& target() const;

    detail::target at_;
};

} // namespace tusk
