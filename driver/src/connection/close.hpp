#pragma once

#include "connection/operation.hpp"

#include <string>
#include <string_view>

namespace tusk::detail {

/// The end of a session: Terminate behind everything that was called before, then the end of the stream.
class close_operation final : public operation
{
public:
    using operation::operation;

    [[nodiscard]] std::string_view name() const noexcept override { return "close"; }
    [[nodiscard]] bool can_be_cancelled() const noexcept override { return false; }
    staging stage(engine& at) override;
    bool release_waiting() override { return false; }

    /// A server that is being shut down may say so once more; it changes nothing.
    void receive(engine& /*at*/, protocol::event /*what*/, const protocol::backend_message& /*message*/) override {}

    /// What it waits for. A connection that is closed already is closed.
    void lose(const std::string& /*reason*/, bool /*written*/) override {}
};

} // namespace tusk::detail
