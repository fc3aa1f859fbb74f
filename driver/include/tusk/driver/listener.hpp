#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/notification.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tusk {

/// Notifications may have been lost: read again what they were about. The listener hears of what follows already, so
/// nothing falls between.
struct notifications_lost {
    std::string reason;
    std::exception_ptr cause; ///< What `reason` says, as it was thrown.
};

/// What a listener tells.
using listener_event = std::variant<notification, notifications_lost>;

/// How a listener keeps itself connected.
struct listener_options {
    /// The wait before a second attempt to connect; it doubles with each that fails, and is shortened by chance by up
    /// to a half, so that not all listeners of a server come back at once.
    std::chrono::milliseconds first_backoff{100};
    std::chrono::milliseconds longest_backoff{30'000};
    /// So long without a notification, the server is asked whether it is still there; 0: never. A network that drops
    /// a silent connection tells neither side.
    std::chrono::milliseconds check_every{30'000};
    /// How long it may take to answer.
    std::chrono::milliseconds check_timeout{5'000};
};

namespace detail {
struct listener_state;
}

/// Listens to channels over a connection of its own. When the connection is lost it connects again, listens again, and
/// says that notifications may have been lost.
///
/// It works while `next` is awaited; nothing runs in the background.
///
/// @par Lifetime       Destroying it closes its connection without blocking; whoever awaits `next` is told.
/// @par Thread safety  Use it from one implicit or explicit strand; its connection runs there.
class listener
{
public:
    /// @param where     The server; nothing is opened yet.
    /// @param channels  As for `session_verbs::listen`: names are quoted by us, and case counts.
    /// @throws usage_error  The options do not make sense or name a proxy that hands sessions round, or a channel has
    ///                      no name.
    listener(connect_options where, std::vector<std::string> channels);
    listener(connect_options where, std::vector<std::string> channels, const listener_options& how);
    listener(listener&& other) noexcept = default;
    listener& operator=(listener&& other) noexcept;
    ~listener();

    /// Connects and listens, unless it does already. What is sent after that is heard. Where nobody calls it, the first
    /// `next` does the same, and tries until it succeeds.
    /// @throws tusk::error  As `connect`; there is one attempt only.
    [[nodiscard]] asio::awaitable<void> start();

    /// Waits for the next notification, or until it has to say that some may be lost.
    ///
    /// @throws usage_error   Somebody waits already, or it was closed.
    /// @throws server_error  Connecting was refused for a reason that does not pass by waiting (a password, a database
    ///                       that is not there), or LISTEN was. The next call tries again.
    /// @throws authentication_error, protocol_error  As `connect`.
    /// @par Cancellation  Any type: no notification is lost by it.
    [[nodiscard]] asio::awaitable<listener_event> next();

    /// Listens to one more channel, at once where it is connected, else as soon as it is.
    /// @throws usage_error   The channel has no name.
    /// @throws server_error  LISTEN was refused.
    [[nodiscard]] asio::awaitable<void> listen(std::string_view channel);

    /// Stops listening to one. Notifications that have arrived already are still told.
    [[nodiscard]] asio::awaitable<void> unlisten(std::string_view channel);

    /// It is connected and listens, as far as it knows.
    [[nodiscard]] bool is_listening() const noexcept;

    /// Closes the connection; whoever awaits `next` gets a `usage_error`. Closing it twice does nothing.
    [[nodiscard]] asio::awaitable<void> close();

private:
    [[nodiscard]] const std::shared_ptr<detail::listener_state>& state() const;

    std::shared_ptr<detail::listener_state> state_;
};

} // namespace tusk
