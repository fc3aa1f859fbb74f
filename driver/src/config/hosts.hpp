#pragma once

#include <tusk/driver/connect_options.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tusk::config {

/// One of the servers that the options name.
struct host {
    std::string name;    ///< Empty: this machine.
    std::string address; ///< To use instead of looking `name` up; may be empty.
    std::uint16_t port = 5432;
};

/// The hosts in their order; at least one.
/// @throws usage_error  The lists of hosts, addresses and ports differ in length.
[[nodiscard]] std::vector<host> hosts_of(const connect_options& options);

/// Whether a host's name is that of a socket's directory.
[[nodiscard]] bool is_socket_directory(const std::string& host) noexcept;

} // namespace tusk::config
