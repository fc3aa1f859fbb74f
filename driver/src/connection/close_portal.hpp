#pragma once

#include "connection/operation.hpp"

#include <string>
#include <utility>

namespace tusk::detail {

/// Closes the portal of a stream that was left early, so that its transaction goes on without it.
class close_portal_operation final : public operation
{
public:
    close_portal_operation(target where, std::string portal) : operation{std::move(where)}, portal_{std::move(portal)}
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "close of a portal"; }
    [[nodiscard]] bool can_be_cancelled() const noexcept override { return false; }
    staging stage(engine& at) override;
    bool settle(engine& at, char status) override;

private:
    std::string portal_;
};

request_ptr make_close_portal(target where, std::string portal);

} // namespace tusk::detail
