#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/lease_verbs.hpp>
#include <tusk/driver/verbs.hpp>

#include <utility>

namespace tusk {

/// A handle whose every call has a deadline; `with_timeout` makes it of any handle that has verbs.
///
/// The time runs from the moment that a call is awaited, and covers the wait in the queue, the statement and its rows.
/// When it is up, the call throws `timeout_error` at once. The statement is cancelled on the server where that cannot
/// hit another, and the connection stays usable; should the server not answer to that within `cancel_grace`, the
/// connection is closed.
/// @par Lifetime       Independent of the handle that it was made of.
/// @par Thread safety  Call from the connection's strand.
template <template <class> class... Verbs>
class timed final : public Verbs<timed<Verbs...>>...
{
public:
    explicit timed(detail::target at) noexcept : at_{std::move(at)} {}

private:
    template <class>
    friend class verbs;
    template <class>
    friend class lease_verbs;
    template <class>
    friend class session_verbs;

    [[nodiscard]] const detail::target& target() const noexcept { return at_; }

    detail::target at_;
};

namespace detail {

/// @throws usage_error  It is not positive.
target timed_target(const target& of, std::chrono::steady_clock::duration timeout);

} // namespace detail

} // namespace tusk
