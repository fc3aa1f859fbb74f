#pragma once

#include <cstddef>
#include <string_view>

/// What codecs throw. Kept out of line, so that the code of a decoder is the path without an error.
/// The messages never hold the value: whoever asked for it knows it, and logs should not.
namespace tusk::types {

/// @throws decode_error  A binary value has another length than its type.
[[noreturn]] void fail_length(std::string_view type, std::size_t expected, std::size_t received);

/// @throws decode_error  The bytes are not a value of the type; `why` finishes the sentence.
[[noreturn]] void fail_decode(std::string_view type, std::string_view why);

/// @throws encode_error  The value is not one that the type can hold; `why` finishes the sentence.
[[noreturn]] void fail_encode(std::string_view type, std::string_view why);

/// Before the bytes are copied.
/// @throws encode_error  It is longer than a value of PostgreSQL can be.
void check_length(std::size_t length);

} // namespace tusk::types
