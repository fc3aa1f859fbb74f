#include <tusk/orm/deferred.hpp>
#include <tusk/orm/detail/member_reader.hpp>
#include <tusk/orm/error.hpp>

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

namespace tusk::orm::detail {

void fail_deferred()
{
    throw not_loaded{"a deferred member was left out when its entity was loaded: load it with session.refresh, or name "
                     "it in orm::load_only"};
}

void fail_null_column(std::string_view column, std::string_view cpp_type)
{
    throw decode_error{fmt::format("column \"{}\" is NULL, but its member is {}: make it std::optional<{}>, or the "
                                   "column NOT NULL",
                                   column, cpp_type, cpp_type)};
}

} // namespace tusk::orm::detail
