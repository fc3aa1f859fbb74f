#include "connection/establish.hpp"

#include "connection/engine.hpp"
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

#include <string>
#include <utility>

namespace tusk::detail {

namespace {

protocol::startup_settings settings_for(const connect_options& options, const transport::stream& stream)
{
    protocol::startup_settings settings;
    settings.user = options.user;
    settings.database = options.dbname;
    if (!options.password.empty())
        settings.password = options.password;
    settings.parameters = options.runtime_parameters;
    const std::string& application =
        options.application_name.empty() ? options.fallback_application_name : options.application_name;
    if (!application.empty())
        settings.parameters.emplace_back("application_name", application);
    if (!options.options.empty())
        settings.parameters.emplace_back("options", options.options);
    settings.cleartext_allowed = stream.is_private() || options.allow_cleartext_password;
    settings.scram_max_iterations = options.scram_max_iterations;
    return settings;
}

/// The conversation itself; I/O errors come out as they are.
asio::awaitable<void> converse(protocol::startup& machine, transport::stream& stream, protocol::framing& input)
{
    using state = protocol::startup::state;
    auto executor = co_await asio::this_coro::executor;
    byte_writer out;
    machine.begin(out);
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
        } else if (const auto message = input.next()) {
            now = machine.feed(*message, out);
        } else {
            const std::size_t count = co_await transport::read(stream, input.prepare());
            input.commit(count);
        }
    }
}

} // namespace

asio::awaitable<connection> establish(std::unique_ptr<transport::stream> stream, const connect_options& options,
                                      transport::reopen reopen)
{
    if (options.trace)
        stream = std::make_unique<transport::tracing_stream>(std::move(stream), options.trace);
    protocol::startup machine{settings_for(options, *stream)};
    protocol::framing input{protocol::startup::max_message_size};
    try {
        co_await converse(machine, *stream, input);
    } catch (const protocol_error& broken) {
        throw protocol_error{
            fmt::format("{}: {}; check that a PostgreSQL server listens there", stream->peer(), broken.what())};
    } catch (const asio::system_error& failed) {
        if (failed.code() == asio::error::eof)
            throw connection_error{
                fmt::format("{} closed the connection during start-up; is it a PostgreSQL server?", stream->peer())};
        throw connection_error{
            fmt::format("the connection to {} broke during start-up: {}", stream->peer(), failed.code().message())};
    }
    // Cancelled between the arrival of the last bytes and now: the stream was closed all the same.
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (asked.cancelled() != asio::cancellation_type::none)
        throw operation_aborted{"connecting was cancelled"};
    auto executor = co_await asio::this_coro::executor;
    auto made = std::make_shared<engine>(executor, std::move(stream), std::move(input), machine.take_facts(), options,
                                         std::move(reopen));
    co_return made->make_connection();
}

} // namespace tusk::detail
