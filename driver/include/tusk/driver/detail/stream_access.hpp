#pragma once

#include <tusk/driver/detail/request.hpp>

#include <cstdint>

namespace tusk {
class row_stream;
}

namespace tusk::detail {

/// Asks an open stream for its next batch.
request_ptr make_next_batch(const request_ptr& stream);

struct take_batch {
    static bool from(request& done);
};

struct take_stream {
    static row_stream from(request& done);
};

/// @throws usage_error  `rows` is not positive.
void set_fetch_size(const request_ptr& stream, std::int32_t rows);

} // namespace tusk::detail
