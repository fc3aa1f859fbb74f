#pragma once

#include <tusk/driver/detail/pipeline_access.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/driver/outcome.hpp>

#include <memory>
#include <utility>

namespace tusk {

/// What one request of a pipeline will give. It may outlive the pipeline.
/// @par Thread safety  Use it from the connection's strand.
template <class T>
class [[nodiscard]] pending
{
public:
    explicit pending(std::shared_ptr<detail::pending_state<T>> state) noexcept : state_{std::move(state)} {}

    /// `run` has come to its end with it.
    [[nodiscard]] bool is_ready() const noexcept { return state_->came.has_value(); }

    /// The value.
    /// @throws usage_error  The pipeline was not run.
    /// @throws tusk::error  What the same verb alone would have thrown.
    [[nodiscard]] T& get() & { return came().value(); }
    [[nodiscard]] const T& get() const& { return came().value(); }
    [[nodiscard]] T&& get() && { return std::move(came()).value(); }

    /// It gave an error instead of a value.
    /// @throws usage_error  The pipeline was not run.
    [[nodiscard]] bool failed() const { return came().failed(); }

    /// Why; empty where there is a value.
    /// @throws usage_error  The pipeline was not run.
    [[nodiscard]] const failure& error() const { return came().error(); }

private:
    [[nodiscard]] outcome<T>& came() const
    {
        if (!state_->came)
            detail::fail_not_run();
        return *state_->came;
    }

    std::shared_ptr<detail::pending_state<T>> state_;
};

} // namespace tusk
