#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/timed.hpp>
#include <tusk/driver/verbs.hpp>

#include <chrono>
#include <utility>

namespace tusk {

/// A handle to a connection that several callers use at once. It has only verbs that stand alone; no transactions.
///
/// @par Lifetime       Copies count; it may outlive the `connection` object that it came from.
/// @par Thread safety  Call from the connection's strand.
class shared_connection : public verbs<shared_connection>
{
public:
    shared_connection(const shared_connection& other);
    shared_connection(shared_connection&&) noexcept = default;
    shared_connection& operator=(shared_connection other) noexcept;
    ~shared_connection();

    /// A view on which every call has a deadline; see `connection::with_timeout`.
    [[nodiscard]] timed<verbs> with_timeout(std::chrono::steady_clock::duration timeout) const
    {
        return timed<verbs>{detail::timed_target(target(), timeout)};
    }

private:
    template <class>
    friend class verbs;
    friend class connection;

    explicit shared_connection(detail::target at);
    [[nodiscard]] const detail::target& target() const;

    detail::target at_;
};

} // namespace tusk
