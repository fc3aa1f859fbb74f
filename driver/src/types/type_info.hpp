#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/type_kind.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace tusk {

/// What the catalog says of a type that is not built in. Immutable but for one mark, and shared by everything that was
/// described with it: a result outlives what its connection learns later.
struct type_info {
    struct field {
        oid type = 0;
        std::shared_ptr<const type_info> info; ///< Null for a built-in type.
    };

    oid number = 0;
    type_kind kind = type_kind::scalar;
    std::string schema;
    std::string name;
    std::string sql_name; ///< As SQL writes it: with its schema where the search path does not have it, and quoted.
    char delimiter = ',';
    bool has_binary = false; ///< It and all that it is made of have a binary output.
    oid of = 0;              ///< Element, subtype, range or base type.
    std::shared_ptr<const type_info> of_info;
    std::vector<field> fields; ///< Of a composite, without dropped ones.

    /// Shared by all that was learnt with it: a value came that does not look as described.
    std::shared_ptr<std::atomic<bool>> outdated;
};

} // namespace tusk
