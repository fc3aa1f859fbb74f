#include "connection/socket_options.hpp"

#include "config/environment.hpp"

#include <tusk/driver/error.hpp>

#include <asio/socket_base.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tusk::detail {

namespace {

void set_number(int socket, int option, std::int64_t value)
{
    if (value == 0)
        return;
    const int number = static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
    ::setsockopt(socket, IPPROTO_TCP, option, &number, sizeof number);
}

} // namespace

void set_tcp_options(asio::ip::tcp::socket& socket, const connect_options& options)
{
    asio::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
    const int handle = socket.native_handle();
    if (options.keepalives) {
        socket.set_option(asio::socket_base::keep_alive{true}, ignored);
        set_number(handle, TCP_KEEPIDLE, options.keepalives_idle.count());
        set_number(handle, TCP_KEEPINTVL, options.keepalives_interval.count());
        set_number(handle, TCP_KEEPCNT, options.keepalives_count);
    }
    set_number(handle, TCP_USER_TIMEOUT, options.tcp_user_timeout.count());
}

void check_peer(int socket, const std::string& user, const std::string& name)
{
    if (user.empty())
        return;
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        throw authentication_error{fmt::format("{}: the system does not tell who runs the server, and requirepeer "
                                               "wants to know",
                                               name)};
    if (config::user_name(credentials.uid).value_or(std::string{}) != user)
        throw authentication_error{fmt::format("{}: the server does not run as the user \"{}\" that requirepeer names; "
                                               "somebody else may have taken its place",
                                               name, user)};
}

} // namespace tusk::detail
