#pragma once

#include <cstddef>
#include <span>
#include <string>

/// The types of text search, whose binary form is not text: written as the server writes them.
namespace tusk::types {

/// @throws decode_error  The bytes are no tsvector.
std::string print_tsvector(std::span<const std::byte> bytes);

/// @throws decode_error  The bytes are no tsquery.
std::string print_tsquery(std::span<const std::byte> bytes);

} // namespace tusk::types
