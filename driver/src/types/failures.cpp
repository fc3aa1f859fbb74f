#include "types/failures.hpp"

#include <tusk/driver/detail/date_time.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/interval.hpp>

#include <fmt/format.h>

namespace tusk::types {

void fail_length(std::string_view type, std::size_t expected, std::size_t received)
{
    throw decode_error{fmt::format("a binary value of type {} has {} byte(s), and {} were received; "
                                   "the server or a proxy between does not follow the protocol",
                                   type, expected, received)};
}

void fail_decode(std::string_view type, std::string_view why)
{
    throw decode_error{fmt::format("a value of type {} cannot be read: {}", type, why)};
}

void fail_encode(std::string_view type, std::string_view why)
{
    throw encode_error{fmt::format("the value does not fit {}: {}", type, why)};
}

void check_length(std::size_t length)
{
    constexpr std::size_t longest = (std::size_t{1} << 30) - 1;
    if (length > longest) [[unlikely]]
        throw encode_error{fmt::format("it is {} bytes long; a PostgreSQL value is at most 1 GiB", length)};
}

} // namespace tusk::types

namespace tusk::detail {

void fail_outside_range(std::string_view type)
{
    types::fail_encode(type, "there is no such day, or it is outside the years that PostgreSQL has");
}

void fail_no_counterpart(std::string_view type, std::string_view target)
{
    throw decode_error{fmt::format("a value of type {} has no counterpart in {}: it is infinite or too far away; "
                                   "read it as the class of tusk that has the type's name",
                                   type, target)};
}

void fail_too_coarse(std::string_view type)
{
    throw decode_error{fmt::format("a value of type {} does not fit the unit of the std::chrono type exactly; "
                                   "read it in microseconds, or round it in SQL",
                                   type)};
}

void fail_no_such_time()
{
    types::fail_encode("time", "a time of day is 00:00:00 to 24:00:00, and a zone less than 16 hours from UTC");
}

void fail_other_parts()
{
    types::fail_decode("interval",
                       "its months, days and microseconds do not add up to a duration without knowing a "
                       "calendar; read it as tusk::interval, or convert it in SQL with extract(epoch from …)");
}

} // namespace tusk::detail
