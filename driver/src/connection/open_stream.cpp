#include "connection/open_stream.hpp"

#include "connection/socket_options.hpp"
#include "connection/tls_options.hpp"
#include "protocol/startup_messages.hpp"
#include "transport/await.hpp"
#include "transport/socket_stream.hpp"
#include "transport/tls_error.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/deadline.hpp>
#include <tusk/driver/error.hpp>

#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/system_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <type_traits>
#include <utility>

namespace tusk::detail {

namespace {

using asio::ip::tcp;
using local = asio::local::stream_protocol;
using duration = std::chrono::steady_clock::duration;
using stream_ptr = std::unique_ptr<transport::stream>;

std::string in_seconds(duration length)
{
    return fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(length).count());
}

template <class Protocol>
asio::awaitable<stream_ptr> open_socket(typename Protocol::endpoint to, const candidate& of, bool is_local,
                                        const connect_options& options, duration timeout)
{
    auto executor = co_await asio::this_coro::executor;
    asio::basic_stream_socket<Protocol> socket{executor};
    asio::error_code error;
    socket.open(to.protocol(), error);
    if (error)
        throw unreachable_error{fmt::format("{}: {}", of.name, error.message())};
    if constexpr (std::is_same_v<Protocol, tcp>)
        set_tcp_options(socket, options);
    {
        const deadline limit{executor, timeout, [&] { socket.close(); }};
        co_await socket.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
        if (limit.passed())
            throw timeout_error{
                fmt::format("{}: no answer within {} s (connect_timeout)", of.name, in_seconds(timeout))};
    }
    if (error)
        throw unreachable_error{fmt::format("{}: {}", of.name, error.message())};
    if constexpr (std::is_same_v<Protocol, local>)
        check_peer(socket.native_handle(), options.requirepeer, of.name);
    co_return std::make_unique<transport::socket_stream<Protocol>>(std::move(socket), of.name, is_local);
}

asio::awaitable<stream_ptr> open_plain(const candidate& to, const connect_options& options, duration timeout)
{
    if (to.address)
        return open_socket<tcp>(*to.address, to, to.address->address().is_loopback(), options, timeout);
    std::string path = to.name;
    if (path.starts_with('@')) // Linux's abstract namespace
        path.front() = '\0';
    return open_socket<local>(local::endpoint{path}, to, true, options, timeout);
}

/// Asks whether the server speaks TLS. One byte is read and not more: what came behind it in the clear would be taken
/// for the server's own words later (CVE-2021-23222).
asio::awaitable<bool> ask_for_tls(transport::stream& server)
{
    byte_writer out;
    protocol::write_ssl_request(out);
    co_await transport::write(server, out.bytes());
    std::array<std::byte, 1> answer{};
    co_await transport::read(server, answer);
    switch (static_cast<char>(answer[0])) {
    case 'S': co_return true;
    case 'N': co_return false;
    case 'E':
        // Its text is not shown: anybody could have written it (CVE-2024-10977).
        throw transport::tls_handshake_error{
            fmt::format("{} answered the request for TLS with an error; check the server's log", server.peer())};
    default:
        throw protocol_error{fmt::format("{} answered the request for TLS with the byte 0x{:02x}; check that a "
                                         "PostgreSQL server listens there",
                                         server.peer(), static_cast<unsigned>(answer[0]))};
    }
}

void check_certificate_was_sent(const connect_options& options, bool sent, const std::string& peer)
{
    if (options.sslcertmode == "require" && !sent)
        throw authentication_error{fmt::format("{} did not ask for our certificate, and sslcertmode=require; use TLS, "
                                               "let its pg_hba.conf use clientcert, and its ssl_ca_file be set",
                                               peer)};
}

asio::awaitable<transport::secured_stream> encrypt(stream_ptr connected, const candidate& to,
                                                   const connect_options& options)
{
    const transport::tls_settings settings = tls_settings_for(options, to);
    const bool trusted = connected->is_private() || settings.verify != transport::tls_settings::verification::none ||
                         is_tls_mandatory(options);
    transport::secured_stream made = co_await transport::start_tls(std::move(connected), settings, trusted);
    check_certificate_was_sent(options, made.sent_certificate, to.name);
    co_return made;
}

} // namespace

asio::awaitable<transport::secured_stream> secure_stream(stream_ptr connected, const candidate& to, encryption how,
                                                         const connect_options& options)
{
    const std::string peer = connected->peer();
    bool encrypted = how != encryption::none && to.address.has_value();
    std::string failed;
    try {
        if (encrypted && options.sslnegotiation != "direct")
            encrypted = co_await ask_for_tls(*connected);
        if (encrypted)
            co_return co_await encrypt(std::move(connected), to, options);
    } catch (const transport::tls_handshake_error& said) {
        throw transport::tls_handshake_error{fmt::format("{}: {}", peer, said.what()), said.offered_session()};
    } catch (const asio::system_error& said) {
        failed = said.code() == asio::error::eof ? "it closed the connection" : said.code().message();
    }
    if (!failed.empty())
        throw transport::tls_handshake_error{fmt::format("{}: no TLS could be agreed on: {}", peer, failed)};
    if (how == encryption::required && to.address)
        throw connection_error{fmt::format("{}: the server does not support TLS, and sslmode={} requires it; turn ssl "
                                           "on in its configuration",
                                           peer, options.sslmode),
                               true};
    check_certificate_was_sent(options, false, peer);
    transport::secured_stream plain;
    plain.bytes = std::move(connected);
    co_return plain;
}

asio::awaitable<transport::secured_stream> open_stream(const candidate& to, encryption how,
                                                       const connect_options& options, duration timeout)
{
    auto executor = co_await asio::this_coro::executor;
    const auto begun = std::chrono::steady_clock::now();
    stream_ptr connected = co_await open_plain(to, options, timeout);
    // One time limit for all of it: what connecting left is what TLS has.
    auto left = duration::zero();
    if (timeout != duration::zero())
        left = std::max<duration>(timeout - (std::chrono::steady_clock::now() - begun), std::chrono::milliseconds{1});
    transport::stream& watched = *connected;
    const deadline limit{executor, left, [&] { watched.close(); }};
    std::exception_ptr failed;
    try {
        co_return co_await secure_stream(std::move(connected), to, how, options);
    } catch (...) {
        failed = std::current_exception();
    }
    if (limit.passed())
        throw timeout_error{
            fmt::format("{}: no TLS was agreed on within {} s (connect_timeout)", to.name, in_seconds(timeout))};
    std::rethrow_exception(failed);
}

} // namespace tusk::detail
