#pragma once

#include <cstdint>

namespace tusk {

/// What a server type is made of.
enum class type_kind : std::uint8_t {
    unknown, ///< Not built in, and nobody has asked the catalog.
    scalar,
    array,
    range,
    multirange,
    composite,
    enumeration,
    domain,
    pseudo, ///< `record`, `void` and others that no column of a table has.
};

} // namespace tusk
