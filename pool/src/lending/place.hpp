#pragma once

#include "core/slot.hpp"

#include <tusk/driver/detail/deadline.hpp>
#include <tusk/driver/detail/lending.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace tusk::detail {

/// A slot with a real connection. It owns itself from the start of connecting to the end of closing.
///
/// Idle, it belongs to the pool's lock: whoever takes it out under the lock may look at the connection on any thread.
/// Leased, checked, opened or closed, its connection is touched on `executor` only.
struct pool_place : pooling::slot {
    asio::any_io_executor executor;
    std::optional<lent_connection> conn;
    std::int32_t backend_pid = 0;
    bool goes_back_to_setup = false; ///< `on_connect` runs again when the reset is done.
    std::optional<deadline> limit;   ///< Of the step that it is in.
    std::shared_ptr<asio::cancellation_signal> stop_connecting;
    std::shared_ptr<pool_place> itself;
};

} // namespace tusk::detail
