#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/driver/type_kind.hpp>
#include <tusk/driver/type_name.hpp>

#include <string_view>

namespace tusk {

/// The built-in type that a name stands for, as SQL reads it: case does not count outside quotes, nor does the
/// amount of white space. Accepted are SQL's names and their synonyms ("int", "timestamp with time zone"), the
/// catalog's ("int4", "_int4"), and arrays of them ("integer[]").
///
/// Modifiers are not: "numeric(10,2)" is unknown here, because a bare OID would drop them silently.
/// @return 0 when the name is unknown.
oid type_oid(std::string_view name);

/// The array type with elements of a built-in type; 0 where there is none or `element` is not built in.
oid array_type_oid(oid element) noexcept;

/// What a built-in type is; `type_kind::unknown` for every other.
type_kind builtin_kind(oid type) noexcept;

/// The element, subtype or range of a built-in array, range or multirange; 0 for every other type.
oid builtin_of(oid type) noexcept;

/// Object identifiers below are the same in every database, and the table of built-in types has them.
inline constexpr oid first_unlisted_oid = 10000;

/// Whether asking for values of the type in binary is sure to work.
///
/// False for built-in types that have no binary output (aclitem), for what is made of them (aclitem[], the row type
/// of pg_class), and for every type that is not built in: only the catalog can tell, and guessing wrong fails the
/// whole statement.
bool has_binary_output(oid type) noexcept;

} // namespace tusk
