#include "config/hosts.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tusk::config {

namespace {

std::vector<std::string> split(std::string_view list)
{
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == list.npos)
            return parts;
        list.remove_prefix(comma + 1);
    }
}

} // namespace

bool is_socket_directory(const std::string& host) noexcept { return host.starts_with('/') || host.starts_with('@'); }

std::vector<host> hosts_of(const connect_options& options)
{
    const std::vector<std::string> names = split(options.host);
    const std::vector<std::string> addresses = split(options.hostaddr);
    const std::size_t count = options.hostaddr.empty() ? names.size() : addresses.size();
    if (!options.host.empty() && names.size() != count)
        throw usage_error{fmt::format("host names {} hosts and hostaddr {}; give as many of the one as of the other",
                                      names.size(), count)};
    if (!options.ports.empty() && options.ports.size() != count)
        throw usage_error{fmt::format("port has {} numbers for {} hosts; give one for all, or one for each",
                                      options.ports.size(), count)};
    std::vector<host> hosts(count);
    for (std::size_t i = 0; i != count; ++i) {
        if (!options.host.empty())
            hosts[i].name = names[i];
        if (!options.hostaddr.empty())
            hosts[i].address = addresses[i];
        hosts[i].port = options.ports.empty() ? options.port : options.ports[i];
    }
    return hosts;
}

} // namespace tusk::config
