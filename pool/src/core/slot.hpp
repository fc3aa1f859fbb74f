#pragma once

#include "core/time.hpp"

#include <tusk/pool/close_reason.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>

namespace tusk::pooling {

/// The place of one connection, from the start of connecting to the end of closing: all that time it counts against
/// the cap. What the connection is, only who derives from this knows.
struct slot {
    enum class state : std::uint8_t { opening, idle, leased, checking, closing };

    slot* next = nullptr;     ///< In the idle set, or in a list of things to do.
    slot* previous = nullptr; ///< In the idle set.
    std::size_t index = 0;    ///< Among all slots.

    state now = state::opening;
    close_reason reason = close_reason::none;
    bool leak_reported = false;
    bool verifying = false;  ///< It is asked whether it lives.
    unsigned verified = 0;   ///< The suspicion that it has been checked against.
    unsigned generation = 0; ///< Below the pool's: it is not to be used again.

    time_point started{};     ///< Connecting began.
    time_point opened{};      ///< Connecting ended.
    time_point expires{};     ///< Its lifetime, decided once: a jitter that is drawn at each check averages out.
    time_point used{};        ///< It came back.
    time_point leased{};      ///< It was handed out.
    std::source_location who; ///< ... to this place in the program.
};

} // namespace tusk::pooling
