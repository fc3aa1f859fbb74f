#pragma once

#include <tusk/session/detail/observer.hpp>
#include <tusk/session/detail/run.hpp>
#include <tusk/session/detail/use.hpp>
#include <tusk/session/session.hpp>

#include <asio/awaitable.hpp>

#include <memory>
#include <source_location>
#include <string_view>
#include <utility>

namespace tusk::detail {

/// A session as the layer above sees it. What belongs together is done under one `session_use`; then the session's own
/// verbs are refused to everybody, and statements are run by `run_within(use, request)` or on `transaction(use)`.
struct session_access {
    static const std::shared_ptr<session_state>& state_of(const session& of) { return of.state(); }

    /// @throws usage_error  Somebody else uses it.
    static session_use use(const session& of) { return session_use{of.state()}; }

    /// The innermost level of the transaction, for pipelines; takes a connection and begins where that was not done.
    /// @throws pending_rollback  It has failed.
    /// @par Lifetime  Until the next savepoint begins or ends.
    static asio::awaitable<tusk::transaction*> transaction(const session_use& use,
                                                           std::source_location who = std::source_location::current());

    /// Runs a request that was made already, as the verbs do.
    template <class T, class Take>
    static asio::awaitable<T> run(const session& on, request_ptr made, std::source_location who)
    {
        return run_on<T, Take>(on.state(), std::move(made), who);
    }

    /// Null for nobody. It must stay where it is until it is replaced or the session is destroyed.
    static void set_observer(const session& of, session_observer* observer);

    /// SQL with what the engine appends to every statement.
    static sql_text said(const session& by, std::string_view sql);
};

} // namespace tusk::detail
