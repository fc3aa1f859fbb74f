#include "connection/candidate.hpp"

#include "connection/at_most.hpp"

#include <tusk/driver/error.hpp>

#include <asio/ip/address.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace tusk::detail {

namespace {

using asio::ip::tcp;

std::string socket_path(const std::string& directory, std::uint16_t port)
{
    return fmt::format("{}/.s.PGSQL.{}", directory, port);
}

std::string name_of(const tcp::endpoint& of)
{
    return of.address().is_v6() ? fmt::format("[{}]:{}", of.address().to_string(), of.port())
                                : fmt::format("{}:{}", of.address().to_string(), of.port());
}

void add_socket(std::vector<candidate>& to, const config::host& host, const std::string& directory)
{
    candidate socket;
    socket.host = host;
    socket.name = socket_path(directory, host.port);
    to.push_back(std::move(socket));
}

void add_address(std::vector<candidate>& to, const config::host& host, const tcp::endpoint& endpoint)
{
    candidate address;
    address.host = host;
    address.name = name_of(endpoint);
    address.address = endpoint;
    to.push_back(std::move(address));
}

/// On a thread of Asio's own, never on ours. It owns all that it uses.
asio::awaitable<tcp::resolver::results_type> resolve(std::string name, std::string service,
                                                     tcp::resolver::flags numeric)
{
    auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver{executor};
    asio::error_code error;
    const tcp::resolver::results_type found = co_await resolver.async_resolve(
        name, service, numeric | tcp::resolver::numeric_service, asio::redirect_error(asio::use_awaitable, error));
    if (error && (numeric & tcp::resolver::numeric_host) != tcp::resolver::flags{})
        throw connection_error{fmt::format("\"{}\" is no network address; check `hostaddr`", name), true};
    if (error)
        throw connection_error{
            fmt::format("the host name \"{}\" could not be resolved: {}; check `host`", name, error.message()), true};
    co_return found;
}

asio::awaitable<void> add_addresses(std::vector<candidate>& to, const config::host& host, const std::string& name,
                                    std::chrono::steady_clock::duration limit)
{
    // What is an address already needs no resolver, which would be two switches between threads for each connect.
    asio::error_code no_address;
    if (const asio::ip::address known = asio::ip::make_address(name, no_address); !no_address) {
        add_address(to, host, tcp::endpoint{known, host.port});
        co_return;
    }
    // What stands in `hostaddr` is never looked up, as in libpq.
    const auto numeric = host.address.empty() ? tcp::resolver::flags{} : tcp::resolver::numeric_host;
    const auto until = limit == std::chrono::steady_clock::duration::zero()
                           ? std::chrono::steady_clock::time_point::max()
                           : std::chrono::steady_clock::now() + limit;
    const auto found = co_await at_most(until, resolve(name, std::to_string(host.port), numeric));
    if (!found) {
        const auto asked = co_await asio::this_coro::cancellation_state;
        if (asked.cancelled() != asio::cancellation_type::none)
            throw operation_aborted{"connecting was cancelled"};
        throw timeout_error{fmt::format("the host name \"{}\" was not resolved within {} s (connect_timeout)", name,
                                        std::chrono::ceil<std::chrono::seconds>(limit).count())};
    }
    for (const auto& each : *found)
        add_address(to, host, each.endpoint());
}

} // namespace

asio::awaitable<std::vector<candidate>> candidates_for(config::host host, std::chrono::steady_clock::duration limit)
{
    std::vector<candidate> found;
    if (!host.address.empty()) {
        co_await add_addresses(found, host, host.address, limit);
    } else if (config::is_socket_directory(host.name)) {
        add_socket(found, host, host.name);
    } else if (!host.name.empty()) {
        co_await add_addresses(found, host, host.name, limit);
    } else {
        for (const char* directory : {"/var/run/postgresql", "/tmp"}) {
            std::error_code ignored;
            if (std::filesystem::exists(socket_path(directory, host.port), ignored))
                add_socket(found, host, directory);
        }
        host.name = "localhost";
        co_await add_addresses(found, host, host.name, limit);
    }
    co_return found;
}

} // namespace tusk::detail
