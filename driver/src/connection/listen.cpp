#include "connection/engine.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/identifier.hpp>

#include <fmt/format.h>

namespace tusk::detail {

request_ptr make_listen(const target& to, std::string_view channel)
{
    if (to.connection->has_proxy())
        throw usage_error{"listening needs a session of its own, and the proxy (pooling_proxy = transaction) gives it "
                          "to others after every transaction: connect to the server itself for it"};
    return make_script(to, fmt::format("LISTEN {}", identifier{channel}.sql()));
}

request_ptr make_unlisten(const target& to, std::optional<std::string_view> channel)
{
    return make_script(to, channel ? fmt::format("UNLISTEN {}", identifier{*channel}.sql()) : "UNLISTEN *");
}

} // namespace tusk::detail
