#pragma once

#include <tusk/driver/connect_options.hpp>

#include <asio/ip/tcp.hpp>

#include <string>

namespace tusk::detail {

/// Sets what makes a lost peer noticed, and small messages leave at once. A system that refuses one of them connects
/// all the same.
void set_tcp_options(asio::ip::tcp::socket& socket, const connect_options& options);

/// @param user  Whom the server at the other end of a Unix socket must run as; empty: anybody.
/// @param name  Of the socket, for messages.
/// @throws authentication_error  It runs as somebody else.
void check_peer(int socket, const std::string& user, const std::string& name);

} // namespace tusk::detail
