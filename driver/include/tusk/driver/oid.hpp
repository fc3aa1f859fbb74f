#pragma once

#include <cstdint>

namespace tusk {

/// A PostgreSQL object identifier. Unsigned; 0 stands for "not specified".
using oid = std::uint32_t;

/// How a value travels: PostgreSQL's format codes.
enum class format : std::int16_t {
    text = 0,
    binary = 1,
};

} // namespace tusk
