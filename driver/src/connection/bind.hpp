#pragma once

#include "connection/statement.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/row_frame.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_type.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// Writes Bind: every parameter encoded for the type that the server reports for it (for a statement that is not
/// described yet: as declared), every column asked for in the statement's formats.
/// @param portal         Empty: the unnamed one.
/// @throws encode_error  A value does not fit; names `$n`, both types and the remedy.
/// @throws usage_error   The number of parameters is wrong.
void write_bind(byte_writer& out, std::string_view portal, const statement& of, std::span<const parameter> parameters);

/// What is around the values where a statement that is described is bound to the unnamed portal, with values in
/// binary, and executed.
const row_frame& frame_of(const statement& of);

/// Writes one field of a row for a COPY in binary, with its length.
/// @throws encode_error  The value does not fit the column; names it, both types and the remedy.
void write_copy_field(byte_writer& out, const parameter& value, const column& of);

/// The types that the senders of the values declared, for Parse; 0 where none was declared.
[[nodiscard]] std::vector<oid> declared_types_of(std::span<const parameter> parameters);

/// They can be written before the server has said what types they have: text, NULL, and what was declared.
[[nodiscard]] bool can_bind_untyped(std::span<const parameter> parameters);

/// The type that a value is encoded for. Of a statement that is not described yet: as declared.
[[nodiscard]] server_type type_of_parameter(const statement& of, const parameter& what, std::size_t position);

/// What is thrown where a statement was given another number of parameters than it has.
usage_error wrong_parameter_count(const statement& of, std::size_t given);

} // namespace tusk::detail
