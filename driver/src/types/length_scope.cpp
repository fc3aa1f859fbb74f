#include <tusk/driver/detail/length_scope.hpp>

#include "types/failures.hpp"

#include <limits>

namespace tusk::detail {

void length_scope::end()
{
    const std::size_t length = out_.size() - begin_;
    if (length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        types::fail_encode("its container", "a part of it is longer than any PostgreSQL value");
    out_.patch(begin_ - sizeof(std::int32_t), static_cast<std::int32_t>(length));
}

bool take_part(byte_reader& from, std::span<const std::byte>& part)
{
    const auto length = from.take<std::int32_t>();
    if (length < -1)
        types::fail_decode("a container", "one of its parts has a negative length");
    if (length < 0)
        return false;
    part = from.take_bytes(static_cast<std::size_t>(length));
    return true;
}

} // namespace tusk::detail
