#pragma once

#include "connection/operation.hpp"

#include <tusk/driver/notification.hpp>

#include <string_view>

namespace tusk::detail {

/// Waits for the next notification. It is never queued: notifications come by themselves.
class notification_operation final : public operation
{
public:
    using operation::operation;

    [[nodiscard]] std::string_view name() const noexcept override { return "wait for a notification"; }
    void check(engine& /*at*/) override {} // listening is not a lease, and leases do not stop it
    /// There is no statement to stop, and so no time limit for statements either.
    [[nodiscard]] bool can_be_cancelled() const noexcept override { return false; }
    bool join(engine& at) override;
    void leave(engine& at) override;
    staging stage(engine& /*at*/) override { return staging::finished; }

    notification note;
};

} // namespace tusk::detail
