#include "connection/attempt.hpp"

#include "config/passfile.hpp"
#include "connection/establish.hpp"
#include "connection/open_stream.hpp"
#include "transport/tls_error.hpp"

#include <tusk/driver/detail/deadline.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

using clock = std::chrono::steady_clock;

/// What went wrong on the way to a session, and what else may be tried at the same address.
struct failure {
    std::exception_ptr what;
    bool timed_out = false;
    bool encrypted = false;           ///< The link was TLS when it happened.
    bool tls_failed = false;          ///< There was no link, for want of an agreement on TLS.
    bool session_was_offered = false; ///< A TLS session of an earlier connection was, and may be to blame.
    bool refused_login = false;       ///< The server did not let us in: SQLSTATE class 28.
    bool version_in_doubt = false;    ///< The server did not answer the StartupMessage, or refused its version.
};

/// What it takes to open a link once more.
struct way_back {
    candidate to;
    encryption how;
    connect_options options;
};

void understand(failure& what)
{
    try {
        std::rethrow_exception(what.what);
    } catch (const transport::tls_handshake_error& said) {
        what.tls_failed = true;
        what.session_was_offered = said.offered_session();
    } catch (const server_error& said) {
        what.refused_login = said.sqlstate().starts_with("28");
        what.version_in_doubt = what.version_in_doubt && (said.sqlstate() == sqlstate::protocol_violation ||
                                                          said.sqlstate() == sqlstate::feature_not_supported);
    } catch (const timeout_error&) {
        what.timed_out = true;
        what.version_in_doubt = false;
    } catch (const connection_error&) { // NOLINT(bugprone-empty-catch): it leaves the doubt about the version
    } catch (const protocol_error&) {   // NOLINT(bugprone-empty-catch): and so does this
    } catch (...) {
        what.version_in_doubt = false;
    }
}

login login_for(const candidate& to, const connect_options& options)
{
    login how;
    how.where.host = to.host.name.empty() ? to.host.address : to.host.name;
    how.where.port = to.host.port;
    how.password = options.password;
    if (how.password.empty() && !options.password_callback) {
        std::string file = options.passfile;
        if (file.empty() && !options.home.empty())
            file = options.home + "/.pgpass";
        config::passfile_entry entry =
            config::look_up_password(file, how.where.host, to.host.port, options.dbname, options.user);
        how.password = std::move(entry.password);
        how.password_remark = std::move(entry.remark);
    }
    return how;
}

/// Opens another stream of the same kind, for a CancelRequest: to that address, encrypted or not as the first one was.
asio::awaitable<std::unique_ptr<transport::stream>> open_again(std::shared_ptr<const way_back> by,
                                                               std::chrono::milliseconds limit)
{
    transport::secured_stream again = co_await open_stream(by->to, by->how, by->options, limit);
    co_return std::move(again.bytes);
}

transport::reopen way_back_to(const candidate& to, bool encrypted, const connect_options& options)
{
    auto by = std::make_shared<way_back>(way_back{to, encrypted ? encryption::required : encryption::none, options});
    protocol::wipe(by->options.password);
    return [by = std::shared_ptr<const way_back>{std::move(by)}](std::chrono::milliseconds limit) {
        return open_again(by, limit);
    };
}

/// One link, one login. Null and a failure, or a session.
asio::awaitable<std::optional<connection>> try_once(const candidate& to, encryption how, std::uint32_t version,
                                                    const connect_options& options, failure& failed)
{
    auto executor = co_await asio::this_coro::executor;
    const auto begun = clock::now();
    const auto limit_of = [&] {
        if (options.connect_timeout.count() == 0)
            return clock::duration::zero();
        // What opening the link left of it is what the login has.
        return std::max<clock::duration>(options.connect_timeout - (clock::now() - begun),
                                         std::chrono::milliseconds{1});
    };
    login as = login_for(to, options);
    as.protocol_version = version;
    if (options.connect_timeout.count() != 0)
        as.until = begun + options.connect_timeout;
    bool late = false;
    bool has_link = false;
    try {
        transport::secured_stream stream = co_await open_stream(to, how, options, limit_of());
        has_link = true; // NOLINT(clang-analyzer-deadcode.DeadStores): read after the catch
        failed.encrypted = as.where.encrypted = stream.encrypted;
        transport::stream& watched = *stream.bytes;
        const deadline limit{executor, limit_of(), [&] {
                                 late = true;
                                 watched.close();
                             }};
        transport::reopen again = way_back_to(to, stream.encrypted, options);
        co_return co_await establish(std::move(stream), options, as, std::move(again));
    } catch (const timeout_error&) {
        failed.what = std::current_exception();
        late = false; // it says better what was late
    } catch (...) {
        failed.what = std::current_exception();
    }
    if (late)
        failed.what = std::make_exception_ptr(
            timeout_error{fmt::format("{}: the server did not finish the start-up within {} s (connect_timeout)",
                                      to.name, options.connect_timeout.count())});
    failed.version_in_doubt = has_link && !as.understood && version != protocol::protocol_version_3_0;
    understand(failed);
    co_return std::nullopt;
}

// pg_hba.conf has lines for one kind of link alone, so a login that is refused on one may be welcome on the other.

bool may_try_plain(const failure& first) { return first.tls_failed || (first.encrypted && first.refused_login); }

bool may_try_tls(const failure& first) { return !first.encrypted && first.refused_login; }

std::uint32_t newest_version(const connect_options& options)
{
    const bool newest = options.max_protocol_version == "3.2" || options.max_protocol_version == "latest" ||
                        options.min_protocol_version == "3.2" || options.min_protocol_version == "latest";
    return newest ? protocol::protocol_version_3_2 : protocol::protocol_version_3_0;
}

/// One kind of link, with all versions of the protocol that may be spoken on it.
asio::awaitable<std::optional<connection>> try_link(const candidate& to, encryption how, const connect_options& options,
                                                    failure& failed)
{
    std::uint32_t version = newest_version(options);
    const bool version_is_fixed = !options.min_protocol_version.empty() && options.min_protocol_version != "3.0";
    for (bool session_dropped = false;;) {
        failed = failure{};
        auto made = co_await try_once(to, how, version, options, failed);
        if (made)
            co_return made;
        auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            co_return std::nullopt;
        if (failed.session_was_offered && !session_dropped)
            session_dropped = true;
        else if (failed.version_in_doubt && !version_is_fixed && version != protocol::protocol_version_3_0)
            version = protocol::protocol_version_3_0;
        else
            co_return std::nullopt;
    }
}

} // namespace

asio::awaitable<connection> attempt(const candidate& to, const connect_options& options)
{
    const bool by_tcp = to.address.has_value();
    encryption first_link = encryption::required;
    if (!by_tcp || options.sslmode == "disable" || options.sslmode == "allow")
        first_link = encryption::none;
    else if (options.sslmode == "prefer")
        first_link = encryption::if_offered;

    failure first;
    auto made = co_await try_link(to, first_link, options, first);
    if (made)
        co_return *std::move(made);
    auto cancelled = co_await asio::this_coro::cancellation_state;
    const bool go_on = cancelled.cancelled() == asio::cancellation_type::none && by_tcp && !first.timed_out;
    if (go_on && options.sslmode == "prefer" && may_try_plain(first)) {
        failure second;
        made = co_await try_link(to, encryption::none, options, second);
        if (made)
            co_return *std::move(made);
        // What the server said over TLS is nearer to what is wanted.
        std::rethrow_exception(first.tls_failed ? second.what : first.what);
    }
    if (go_on && options.sslmode == "allow" && may_try_tls(first)) {
        failure second;
        made = co_await try_link(to, encryption::required, options, second);
        if (made)
            co_return *std::move(made);
        std::rethrow_exception(second.tls_failed ? first.what : second.what);
    }
    std::rethrow_exception(first.what);
}

} // namespace tusk::detail
