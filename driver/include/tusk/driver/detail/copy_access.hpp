#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/result_data.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tusk {
class copy_reader;
class copy_writer;
class identifier;
class raw_copy_writer;
} // namespace tusk

namespace tusk::detail {

// ---- Into a table.

/// @param describe  A query with the columns of the COPY; empty where their types are not needed.
request_ptr make_copy_in(const target& to, std::string copy, std::string describe);

/// COPY of those columns in binary, or of all where none is named.
request_ptr make_copy_into(const target& to, const identifier& table, std::span<const std::string_view> columns);

/// Hands over a CopyData message.
/// @param last  No more data comes: the request is answered by the end of the COPY.
request_ptr make_copy_send(const request_ptr& copy, byte_writer chunk, bool last);

/// What the table's columns are.
std::shared_ptr<const column_list> copy_columns(const request_ptr& copy);

struct take_copy_writer {
    static copy_writer from(request& done);
};
struct take_raw_copy_writer {
    static raw_copy_writer from(request& done);
};

// ---- Out of the server.

/// What a reader looks at.
struct copy_batch {
    std::shared_ptr<const column_list> columns; ///< Null where the types are not known.
    bool binary = false;
    std::size_t column_count = 0;
    byte_writer bytes;
    command_tag tag;
    // The rows of a binary COPY, cut out of `bytes` when somebody asks for values.
    bool is_indexed = false;
    bool has_header = false; ///< It is the first batch, which begins with the signature.
    row_store rows;
};

request_ptr make_copy_out(const target& to, std::string copy, std::string describe);

/// Asks for the columns' types too where the COPY is a binary one whose source can be told from its text.
request_ptr make_copy_out(const target& to, std::string_view copy);

request_ptr make_copy_batch(const request_ptr& copy);

struct take_copy_batch {
    static bool from(request& done);
};
struct take_copy_reader {
    static copy_reader from(request& done);
};

/// Finds the rows of the batch.
/// @throws usage_error   The COPY is not binary, or its columns are not known.
/// @throws decode_error  The bytes are not those of a binary COPY.
const row_store& copy_rows(copy_batch& of);

} // namespace tusk::detail
