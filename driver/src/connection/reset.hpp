#pragma once

#include "connection/operation.hpp"

#include <tusk/driver/detail/lending.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tusk::detail {

/// A Sync and nothing else: the smallest question that the server answers.
class ping_operation final : public operation
{
public:
    using operation::operation;

    [[nodiscard]] std::string_view name() const noexcept override { return "ping"; }
    void check(engine& /*at*/) override {}
    staging stage(engine& at) override;
};

/// Puts a session into the state in which it was opened, behind everything that is pending on it. Prepared statements
/// stay, unless all is to be discarded.
class reset_operation final : public operation
{
public:
    /// @param session  Not only an open transaction, but the session is to be reset.
    reset_operation(target where, reset_policy policy, bool session)
        : operation{std::move(where)}, policy_{policy}, session_{session}
    {
        closes_gate = true;
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "reset"; }
    void check(engine& /*at*/) override {}
    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    bool settle(engine& at, char status) override;

private:
    enum class flight : std::uint8_t { none, rollback, session };

    reset_policy policy_;
    bool session_;
    flight sent_ = flight::none;
    unsigned rollbacks_ = 0;
};

request_ptr make_ping(target where);
request_ptr make_reset(target where, reset_policy policy, bool session);

} // namespace tusk::detail
