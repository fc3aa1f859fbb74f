#include "transport/start_tls.hpp"

#include "transport/await.hpp"
#include "transport/tls_client.hpp"
#include "transport/tls_error.hpp"
#include "transport/tls_stream.hpp"

#include <asio/error.hpp>
#include <asio/this_coro.hpp>

#include <array>
#include <utility>
#include <vector>

namespace tusk::transport {

asio::awaitable<secured_stream> start_tls(std::unique_ptr<stream> lower, const tls_settings& settings, bool is_private)
{
    auto executor = co_await asio::this_coro::executor;
    auto tls = std::make_unique<tls_client>(settings);
    std::vector<std::byte> output;
    std::array<std::byte, std::size_t{8} * 1024> input{};
    for (bool done = false; !done;) {
        output.clear();
        try {
            done = tls->handshake();
        } catch (const tls_handshake_error& failed) {
            // The alert tells the server why; it is short, and nobody waits for it.
            tls->take_output(output);
            asio::error_code ignored;
            lower->write_some(output, ignored);
            throw tls_handshake_error{failed.what(), tls->offered_session()};
        }
        tls->take_output(output);
        co_await write(*lower, output);
        if (!done) {
            const std::size_t count = co_await read(*lower, input);
            tls->receive(std::span{input}.first(count));
        }
    }
    secured_stream made;
    made.encrypted = true;
    made.server_end_point = tls->server_end_point();
    made.sent_certificate = tls->sent_certificate();
    made.bytes = std::make_unique<tls_stream>(executor, std::move(lower), std::move(tls), is_private);
    co_return made;
}

} // namespace tusk::transport
