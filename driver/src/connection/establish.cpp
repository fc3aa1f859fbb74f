#include "connection/establish.hpp"

#include "connection/engine.hpp"
#include "connection/gss_client.hpp"
#include "connection/supply_credential.hpp"
#include "protocol/framing.hpp"
#include "protocol/startup.hpp"
#include "transport/await.hpp"
#include "transport/tracing_stream.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/error.hpp>

#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/system_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace tusk::detail {

namespace {

protocol::channel_binding binding_of(const connect_options& options)
{
    if (options.channel_binding == "disable")
        return protocol::channel_binding::disable;
    return options.channel_binding == "require" ? protocol::channel_binding::require
                                                : protocol::channel_binding::prefer;
}

std::uint32_t min_version_of(const connect_options& options)
{
    return options.min_protocol_version.empty() || options.min_protocol_version == "3.0"
               ? protocol::protocol_version_3_0
               : protocol::protocol_version_3_2;
}

protocol::startup_settings settings_for(const connect_options& options, const transport::secured_stream& stream,
                                        const login& how)
{
    protocol::startup_settings settings;
    settings.user = options.user;
    settings.database = options.dbname;
    if (!how.password.empty())
        settings.password = how.password;
    settings.password_remark = how.password_remark;
    settings.can_ask_password = static_cast<bool>(options.password_callback);
    settings.can_ask_token = static_cast<bool>(options.token_callback);
    settings.can_use_gss = gss_client::is_available();
    settings.parameters = options.runtime_parameters;
    const std::string& application =
        options.application_name.empty() ? options.fallback_application_name : options.application_name;
    if (!application.empty())
        settings.parameters.emplace_back("application_name", application);
    if (!options.options.empty())
        settings.parameters.emplace_back("options", options.options);
    settings.encrypted = stream.encrypted;
    settings.server_end_point = stream.server_end_point;
    settings.binding = binding_of(options);
    settings.policy = protocol::parse_require_auth(options.require_auth);
    settings.cleartext_allowed = stream.bytes->is_private() || options.allow_cleartext_password;
    settings.scram_max_iterations = options.scram_max_iterations;
    if (options.scram_cache_keys) {
        settings.scram_cache = &protocol::scram_key_cache::shared();
        settings.scram_identity = fmt::format("{} {} {}", stream.bytes->peer(), how.where.host, options.user);
    }
    settings.protocol_version = how.protocol_version;
    settings.min_protocol_version = min_version_of(options);
    return settings;
}

/// The conversation itself; I/O errors come out as they are.
asio::awaitable<void> converse(protocol::startup& machine, transport::stream& stream, protocol::framing& input,
                               const connect_options& options, const login& how)
{
    using state = protocol::startup::state;
    auto executor = co_await asio::this_coro::executor;
    byte_writer out;
    machine.begin(out);
    credential_source source;
    state now = state::need_message;
    while (now != state::ready) {
        if (!out.empty()) {
            co_await transport::write(stream, out.bytes());
            protocol::wipe(out);
        }
        if (now == state::working) {
            // A slice of key derivation, then everybody else's turn: no server can hold up this thread for long.
            now = machine.work(out);
            co_await asio::post(executor, asio::use_awaitable);
        } else if (now == state::need_credential) {
            now = co_await supply_credential(machine, source, options, how, out);
        } else if (const auto message = input.next()) {
            now = machine.feed(*message, out);
        } else {
            const std::size_t count = co_await transport::read(stream, input.prepare());
            input.commit(count);
        }
    }
}

[[noreturn]] void rethrow_with_peer(const std::exception_ptr& failed, const std::string& peer)
{
    try {
        std::rethrow_exception(failed);
    } catch (const protocol_error& broken) {
        throw protocol_error{fmt::format("{}: {}; check that a PostgreSQL server listens there", peer, broken.what())};
    } catch (const asio::system_error& said) {
        if (said.code() == asio::error::eof)
            throw connection_error{
                fmt::format("{} closed the connection during start-up; is it a PostgreSQL server?", peer)};
        throw connection_error{
            fmt::format("{}: the connection broke during start-up: {}", peer, said.code().message())};
    }
}

} // namespace

asio::awaitable<connection> establish(transport::secured_stream stream, const connect_options& options, login& how,
                                      transport::reopen reopen)
{
    if (binding_of(options) == protocol::channel_binding::require && !stream.encrypted)
        throw authentication_error{fmt::format("{}: channel_binding=require, and the link is not encrypted; connect by "
                                               "TCP with sslmode=require or better",
                                               stream.bytes->peer())};
    if (options.trace)
        stream.bytes = std::make_unique<transport::tracing_stream>(std::move(stream.bytes), options.trace);
    protocol::startup machine{settings_for(options, stream, how)};
    protocol::framing input{protocol::startup::max_message_size};
    const std::string& peer = stream.bytes->peer();
    std::exception_ptr failed;
    try {
        co_await converse(machine, *stream.bytes, input, options, how);
    } catch (...) {
        failed = std::current_exception();
    }
    how.understood = machine.was_understood();
    how.accepted = machine.is_logged_in();
    if (failed)
        rethrow_with_peer(failed, peer);
    // Cancelled between the arrival of the last bytes and now: the stream was closed all the same.
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (asked.cancelled() != asio::cancellation_type::none)
        throw operation_aborted{"connecting was cancelled"};
    auto executor = co_await asio::this_coro::executor;
    auto made = std::make_shared<engine>(executor, std::move(stream.bytes), std::move(input), machine.take_facts(),
                                         options, std::move(reopen));
    co_return made->make_connection(fmt::format("{}:{} {} {}", how.where.host, how.where.port,
                                                options.dbname.empty() ? options.user : options.dbname, options.user));
}

asio::awaitable<connection> establish(std::unique_ptr<transport::stream> stream, const connect_options& options,
                                      transport::reopen reopen)
{
    transport::secured_stream plain;
    plain.bytes = std::move(stream);
    login how;
    how.password = options.password;
    co_return co_await establish(std::move(plain), options, how, std::move(reopen));
}

} // namespace tusk::detail
