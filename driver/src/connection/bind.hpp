#pragma once

#include "connection/statement.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/error.hpp>

#include <cstddef>
#include <span>

namespace tusk::detail {

/// Writes Bind: every parameter encoded for the type that the server reports for it (for a statement that is not
/// described yet: as declared), every column asked for in the statement's formats.
/// @throws encode_error  A value does not fit; names `$n`, both types and the remedy.
/// @throws usage_error   The number of parameters is wrong.
void write_bind(byte_writer& out, const statement& of, std::span<const parameter> parameters);

/// What is thrown where a statement was given another number of parameters than it has.
usage_error wrong_parameter_count(const statement& of, std::size_t given);

} // namespace tusk::detail
