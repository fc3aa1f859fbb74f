#include <tusk/driver/date.hpp>

#include "types/iso_text.hpp"

namespace tusk {

std::string to_string(date day) { return types::print_date(day.days_since_2000()); }

} // namespace tusk
