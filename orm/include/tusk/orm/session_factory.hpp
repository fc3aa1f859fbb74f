#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/orm/session.hpp>
#include <tusk/session/detail/block.hpp>
#include <tusk/session/detail/retry.hpp>
#include <tusk/session/engine.hpp>
#include <tusk/session/retry_options.hpp>

#include <type_traits>
#include <utility>

namespace tusk::orm {

/// Makes sessions on one engine.
///
/// @par Lifetime       The engine object outlives it, and stays where it is.
/// @par Thread safety  That of the engine.
class session_factory
{
public:
    explicit session_factory(const engine& on) noexcept : on_{&on} {}
    explicit session_factory(engine&&) = delete;

    /// A new session.
    [[nodiscard]] session operator()() const { return session{*on_}; }

    /// Runs `block(session)` in a new session: committed when it returns, rolled back on any exception, which goes on.
    /// @param block  `asio::awaitable<R>(orm::session&)`; it is copied or moved in.
    /// @returns What the block returned.
    /// @throws tusk::error  As `session::commit`.
    template <class F>
    [[nodiscard]] auto run(F&& block) const -> std::invoke_result_t<F&, session&>
    {
        tusk::detail::refuse_miscompiled<F>();
        return tusk::detail::run_with_own<session, std::decay_t<F>>(session{*on_}, std::forward<F>(block));
    }

    /// As `run`, and runs the block again, in a new session, where a serialization failure or a deadlock undid it; see
    /// `engine::retry`.
    template <class F>
    [[nodiscard]] auto retry(retry_options options, F&& block) const -> std::invoke_result_t<F&, session&>
    {
        tusk::detail::refuse_miscompiled<F>();
        return tusk::detail::retry_with<session>(*this, options, std::decay_t<F>(std::forward<F>(block)));
    }

private:
    const engine* on_;
};

} // namespace tusk::orm
