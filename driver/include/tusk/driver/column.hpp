#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_type.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace tusk {

/// One column of a result, as the server described it.
struct column {
    std::string name;
    oid type = 0; ///< A domain is reported by its base type.
    std::int32_t type_modifier =
        -1;        ///< The length of `varchar(n)` and the like, in PostgreSQL's encoding; -1 for none.
    oid table = 0; ///< The table that the column comes from; 0 for an expression.
    std::int16_t attribute_number = 0;    ///< Its number in that table; 0 for an expression.
    tusk::format format = format::binary; ///< How its values arrived.
    /// What the catalog says of a type that is not built in; null where nobody has asked it.
    std::shared_ptr<const type_info> info = nullptr;

    [[nodiscard]] tusk::server_type server_type() const noexcept { return {type, info.get()}; }
};

} // namespace tusk
