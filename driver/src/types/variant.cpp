#include <tusk/driver/codec/variant.hpp>

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::detail {

void fail_alternative(std::string_view alternative, std::string_view fits)
{
    throw encode_error{fmt::format("the variant holds {}, which fits {} only", alternative, fits)};
}

} // namespace tusk::detail
