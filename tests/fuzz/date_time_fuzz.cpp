#include "decoders.hpp"

#include "types/oids.hpp"

#include <tusk/driver/codec/date_time.hpp>
#include <tusk/driver/codec/time_of_day.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace oids = tusk::oids;
    constexpr tusk::oid types[] = {oids::date, oids::time, oids::timetz, oids::timestamp, oids::timestamptz};
    fuzz::input{data, size}
        .decode_as<tusk::date, std::chrono::year_month_day, std::chrono::sys_days, tusk::time_of_day, tusk::timetz,
                   tusk::timestamp, std::chrono::local_seconds, tusk::timestamptz,
                   std::chrono::sys_time<std::chrono::microseconds>>(types);
    return 0;
}
