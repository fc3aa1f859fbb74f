#include <tusk/driver/timestamp.hpp>

#include "types/iso_text.hpp"

namespace tusk {

std::string to_string(timestamp time) { return types::print_timestamp(time.microseconds_since_2000(), {}); }

} // namespace tusk
