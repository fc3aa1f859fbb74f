#include "connection/supply_credential.hpp"

#include "connection/at_most.hpp"

#include <tusk/driver/error.hpp>

#include <asio/post.hpp>
#include <asio/system_executor.hpp>

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

namespace {

/// @param who  What is to be said about whoever was late.
template <class T>
asio::awaitable<T> in_time(asio::awaitable<T> work, const login& how, std::string_view who)
{
    std::optional<T> got = co_await at_most(how.until, std::move(work));
    if (got)
        co_return *std::move(got);
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (asked.cancelled() != asio::cancellation_type::none)
        throw operation_aborted{"connecting was cancelled"};
    throw timeout_error{fmt::format("{}:{}: {} within connect_timeout", how.where.host, how.where.port, who)};
}

login_request request_for(const connect_options& options, const login& how, bool token)
{
    login_request asked = how.where;
    asked.user = options.user;
    asked.dbname = options.dbname;
    if (token) {
        asked.oauth_issuer = options.oauth_issuer;
        asked.oauth_client_id = options.oauth_client_id;
        asked.oauth_scope = options.oauth_scope;
    }
    return asked;
}

/// Keeps the callback alive for as long as it runs, which may be longer than we wait.
asio::awaitable<std::string> call(connect_options::credential_callback callback, login_request asked)
{
    co_return co_await callback(std::move(asked));
}

/// On a thread of the system's pool.
asio::awaitable<gss_client::step> answer(std::shared_ptr<gss_client> client, std::vector<std::byte> challenge)
{
    // A coroutine may begin on the thread that spawns it.
    co_await asio::post(asio::system_executor{}, asio::use_awaitable);
    co_return client->answer(challenge);
}

asio::awaitable<gss_client::step> answer_elsewhere(std::shared_ptr<gss_client> client, std::vector<std::byte> challenge)
{
    co_return co_await asio::co_spawn(asio::system_executor{}, answer(std::move(client), std::move(challenge)),
                                      asio::use_awaitable);
}

} // namespace

asio::awaitable<protocol::startup::state> supply_credential(protocol::startup& machine, credential_source& source,
                                                            const connect_options& options, const login& how,
                                                            byte_writer& out)
{
    const protocol::credential wanted = machine.wanted();
    if (wanted == protocol::credential::gss_token) {
        if (!source.gss)
            source.gss = std::make_shared<gss_client>(options.krbsrvname, how.where.host, options.gssdelegation);
        const auto said = machine.gss_challenge();
        std::vector<std::byte> challenge{said.begin(), said.end()};
        const gss_client::step next = co_await in_time(answer_elsewhere(source.gss, std::move(challenge)), how,
                                                       "the Kerberos server did not answer");
        co_return machine.supply_gss(next.token, next.complete, out);
    }
    const bool token = wanted == protocol::credential::token;
    std::string given = co_await in_time(
        call(token ? options.token_callback : options.password_callback, request_for(options, how, token)), how,
        token ? "token_callback gave no token" : "password_callback gave no password");
    protocol::secret_text kept{given};
    protocol::wipe(given);
    co_return machine.supply(std::move(kept), out);
}

} // namespace tusk::detail
