#include <tusk/driver/timestamptz.hpp>

#include "types/iso_text.hpp"

namespace tusk {

timestamptz timestamptz::now()
{
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string to_string(timestamptz time) { return types::print_timestamp(time.microseconds_since_2000(), "+00"); }

} // namespace tusk
