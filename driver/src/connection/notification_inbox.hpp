#pragma once

#include "connection/operation_queue.hpp"
#include "protocol/message.hpp"

#include <tusk/driver/notification.hpp>

#include <cstddef>
#include <deque>

namespace tusk::detail {

class notification_operation;

/// What has been notified and not been asked for, and who asks for what has not come yet.
class notification_inbox
{
public:
    /// @param most  More are not kept; that some were lost is told instead of the next one.
    explicit notification_inbox(std::size_t most) noexcept : most_{most} {}

    /// Takes a NotificationResponse.
    /// @returns Who had been waiting for it; null where nobody was.
    request_ptr receive(const protocol::backend_message& message);

    /// Gives the operation the oldest notification, or keeps it until one comes.
    /// @returns Whether it was given one.
    bool give(notification_operation& to);

    /// Nobody listens any more.
    void clear() noexcept
    {
        kept_.clear();
        lost_ = 0;
    }

    void leave(const operation& gone) noexcept { waiting_.remove(gone); }
    [[nodiscard]] bool is_awaited() const noexcept { return !waiting_.empty(); }
    [[nodiscard]] operation_queue& waiting() noexcept { return waiting_; }

private:
    std::size_t most_;
    std::deque<notification> kept_;
    std::size_t lost_ = 0;
    operation_queue waiting_;
};

} // namespace tusk::detail
