#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/identifier.hpp>

#include <fmt/format.h>

namespace tusk::detail {

request_ptr make_listen(const target& to, std::string_view channel)
{
    return make_script(to, fmt::format("LISTEN {}", identifier{channel}.sql()));
}

request_ptr make_unlisten(const target& to, std::optional<std::string_view> channel)
{
    return make_script(to, channel ? fmt::format("UNLISTEN {}", identifier{*channel}.sql()) : "UNLISTEN *");
}

} // namespace tusk::detail
