#include "connection/deadline.hpp"
#include "connection/establish.hpp"
#include "transport/socket_stream.hpp"

#include <tusk/driver/connect.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tusk {

namespace {

using asio::ip::tcp;
using local = asio::local::stream_protocol;

bool is_socket_directory(const std::string& host) { return host.starts_with('/') || host.starts_with('@'); }

std::string socket_path(const std::string& directory, std::uint16_t port)
{
    return fmt::format("{}/.s.PGSQL.{}", directory, port);
}

/// One thing to try: a socket, or an address.
struct candidate {
    std::string name; ///< For messages: "127.0.0.1:5432" or the socket's path.
    std::optional<tcp::endpoint> address = {};
};

std::string name_of(const tcp::endpoint& of)
{
    return of.address().is_v6() ? fmt::format("[{}]:{}", of.address().to_string(), of.port())
                                : fmt::format("{}:{}", of.address().to_string(), of.port());
}

void add_socket(std::vector<candidate>& to, const std::string& directory, std::uint16_t port)
{
    candidate socket;
    socket.name = socket_path(directory, port);
    to.push_back(std::move(socket));
}

/// Resolution runs on a thread of Asio's own, never on ours.
asio::awaitable<void> add_addresses(std::vector<candidate>& to, const std::string& host, std::uint16_t port)
{
    auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver{executor};
    asio::error_code error;
    const std::string service = std::to_string(port);
    const tcp::resolver::results_type found =
        co_await resolver.async_resolve(host, service, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw connection_error{
            fmt::format("the host name \"{}\" could not be resolved: {}; check `host`", host, error.message()), true};
    for (const auto& each : found) {
        candidate address;
        address.name = name_of(each.endpoint());
        address.address = each.endpoint();
        to.push_back(std::move(address));
    }
}

/// What libpq tries, in its order: a socket directory, an address, or all addresses of a name; without a host the usual
/// socket directories that have a socket, then this machine by TCP.
asio::awaitable<std::vector<candidate>> candidates_for(const connect_options& options)
{
    std::vector<candidate> found;
    if (!options.hostaddr.empty()) {
        co_await add_addresses(found, options.hostaddr, options.port);
    } else if (is_socket_directory(options.host)) {
        add_socket(found, options.host, options.port);
    } else if (!options.host.empty()) {
        co_await add_addresses(found, options.host, options.port);
    } else {
        for (const char* directory : {"/var/run/postgresql", "/tmp"}) {
            std::error_code ignored;
            if (std::filesystem::exists(socket_path(directory, options.port), ignored))
                add_socket(found, directory, options.port);
        }
        const std::string localhost = "localhost";
        co_await add_addresses(found, localhost, options.port);
    }
    co_return found;
}

template <class Protocol>
asio::awaitable<std::unique_ptr<transport::stream>> open_socket(typename Protocol::endpoint to, std::string name,
                                                                bool is_local, std::chrono::milliseconds timeout)
{
    auto executor = co_await asio::this_coro::executor;
    asio::basic_stream_socket<Protocol> socket{executor};
    asio::error_code error;
    {
        const detail::deadline limit{executor, timeout, [&] { socket.close(); }};
        co_await socket.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
        if (limit.passed())
            throw timeout_error{fmt::format("{}: no answer within {} s (connect_timeout)", name,
                                            std::chrono::duration_cast<std::chrono::seconds>(timeout).count())};
    }
    if (error)
        throw connection_error{fmt::format("{}: {}", name, error.message()), true};
    if constexpr (std::is_same_v<Protocol, tcp>)
        socket.set_option(tcp::no_delay{true});
    co_return std::make_unique<transport::socket_stream<Protocol>>(std::move(socket), std::move(name), is_local);
}

asio::awaitable<std::unique_ptr<transport::stream>> open_stream(const candidate& to, std::chrono::milliseconds timeout)
{
    if (to.address)
        return open_socket<tcp>(*to.address, to.name, to.address->address().is_loopback(), timeout);
    std::string path = to.name;
    if (path.starts_with('@')) // Linux's abstract namespace
        path.front() = '\0';
    return open_socket<local>(local::endpoint{path}, to.name, true, timeout);
}

asio::awaitable<connection> try_candidate(const candidate& to, const connect_options& options)
{
    auto executor = co_await asio::this_coro::executor;
    const auto begun = std::chrono::steady_clock::now();
    std::unique_ptr<transport::stream> stream = co_await open_stream(to, options.connect_timeout);
    // One time limit for the whole attempt: what connecting left of it is what start-up has.
    auto left = std::chrono::steady_clock::duration::zero();
    if (options.connect_timeout.count() > 0)
        left = std::max<std::chrono::steady_clock::duration>(
            options.connect_timeout - (std::chrono::steady_clock::now() - begun), std::chrono::milliseconds{1});
    transport::stream& watched = *stream;
    const detail::deadline limit{executor, left, [&] { watched.close(); }};
    std::exception_ptr failed;
    transport::reopen again = [to](std::chrono::milliseconds most) { return open_stream(to, most); };
    try {
        co_return co_await detail::establish(std::move(stream), options, std::move(again));
    } catch (...) {
        failed = std::current_exception();
    }
    if (limit.passed())
        throw timeout_error{fmt::format("{}: the server did not finish the start-up within {} s (connect_timeout)",
                                        to.name, options.connect_timeout.count())};
    std::rethrow_exception(failed);
}

/// What one address said, and whether the next one may say something better.
struct refusal {
    std::exception_ptr what;
    std::string text;
    bool final = false;
    bool timed_out = false;
};

refusal understand(const std::exception_ptr& what)
{
    refusal understood;
    understood.what = what;
    try {
        std::rethrow_exception(what);
    } catch (const server_error& said) {
        // A server that is starting up or shutting down says so; anything else it says is its decision.
        understood.text = said.what();
        understood.final = said.sqlstate() != sqlstate::cannot_connect_now;
    } catch (const connection_error& said) {
        understood.text = said.what();
    } catch (const timeout_error& said) {
        understood.text = said.what();
        understood.timed_out = true;
    } catch (const std::exception& said) {
        understood.text = said.what();
        understood.final = true;
    }
    return understood;
}

[[noreturn]] void rethrow_with_advice(const std::exception_ptr& what)
{
    try {
        std::rethrow_exception(what);
    } catch (const connection_error& said) {
        throw connection_error{fmt::format("could not connect to {}. Is a PostgreSQL server running there, and does it "
                                           "accept connections at that address?",
                                           said.what()),
                               true};
    }
}

asio::awaitable<connection> connect_owned(connect_options options)
{
    const std::vector<candidate> candidates = co_await candidates_for(options);
    std::vector<refusal> refusals;
    for (const candidate& each : candidates) {
        std::exception_ptr failed;
        try {
            co_return co_await try_candidate(each, options);
        } catch (...) {
            failed = std::current_exception();
        }
        auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            throw operation_aborted{"connecting was cancelled"};
        refusals.push_back(understand(failed));
        if (refusals.back().final || candidates.size() == 1)
            break;
    }
    if (refusals.empty())
        throw connection_error{"the host name has no address", true};
    if (refusals.back().final)
        std::rethrow_exception(refusals.back().what);
    if (refusals.size() == 1)
        rethrow_with_advice(refusals.back().what);
    std::string all = "no address could be reached";
    for (const refusal& each : refusals)
        all += fmt::format("\n  {}", each.text);
    if (refusals.back().timed_out)
        throw timeout_error{all};
    throw connection_error{all, true};
}

} // namespace

asio::awaitable<connection> connect(std::string_view where) { return connect(connect_options{where}); }

asio::awaitable<connection> connect(connect_options options)
{
    options.validate();
    return connect_owned(std::move(options));
}

} // namespace tusk
