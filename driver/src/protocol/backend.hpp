#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::protocol {

/// ParameterDescription: the type of each parameter.
/// @throws decode_error  Malformed; as for all of these.
std::vector<oid> parse_parameter_description(std::span<const std::byte> body);

/// RowDescription: the columns.
/// @param asked  The format that Bind asks for; a description of a statement reports none. Columns that arrive in text
///               by the simple protocol say so themselves.
std::shared_ptr<const detail::column_list> parse_row_description(std::span<const std::byte> body, format asked);

/// The same for a result that follows at once, where each column says its format.
std::shared_ptr<const detail::column_list> parse_row_description(std::span<const std::byte> body);

/// CommandComplete: the tag, a view into the message.
std::string_view parse_command_complete(std::span<const std::byte> body);

/// The whole answer to Bind and Execute where there are no rows, as the server sends it: BindComplete, CommandComplete.
[[nodiscard]] byte_writer answer_without_rows(std::string_view tag);

} // namespace tusk::protocol
