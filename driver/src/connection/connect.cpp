#include "config/hosts.hpp"
#include "connection/attempt.hpp"
#include "connection/candidate.hpp"
#include "connection/open_stream.hpp"
#include "connection/session_attributes.hpp"

#include <tusk/driver/connect.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <asio/cancellation_type.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

namespace {

using detail::candidate;

/// What may be tried after a failure.
enum class next_step {
    address, ///< The next address of the same host.
    host,    ///< The next host: the other addresses lead to the same server.
    nothing  ///< What was said would be said everywhere.
};

/// What one address said.
struct refusal {
    std::exception_ptr what;
    std::string text;
    next_step next = next_step::address;
    bool timed_out = false;
};

/// A server that is there and cannot take us now; another one may.
bool is_momentary(std::string_view state)
{
    constexpr std::array states{sqlstate::cannot_connect_now, sqlstate::admin_shutdown, sqlstate::crash_shutdown,
                                sqlstate::too_many_connections};
    return std::ranges::find(states, state) != states.end();
}

refusal understand(const std::exception_ptr& what)
{
    refusal understood;
    understood.what = what;
    try {
        std::rethrow_exception(what);
    } catch (const server_error& said) {
        understood.text = said.what();
        understood.next = is_momentary(said.sqlstate()) ? next_step::host : next_step::nothing;
    } catch (const connection_error& said) {
        understood.text = said.what();
    } catch (const timeout_error& said) {
        understood.text = said.what();
        understood.timed_out = true;
    } catch (const std::exception& said) {
        understood.text = said.what();
        understood.next = next_step::nothing;
    }
    return understood;
}

[[noreturn]] void rethrow_with_advice(const std::exception_ptr& what)
{
    try {
        std::rethrow_exception(what);
    } catch (const detail::unreachable_error& said) {
        throw connection_error{fmt::format("could not connect to {}. Is a PostgreSQL server running there, and does it "
                                           "accept connections at that address?",
                                           said.what()),
                               true};
    } catch (const connection_error& said) {
        throw connection_error{said.what(), true}; // no statement was sent
    }
}

[[noreturn]] void fail(const std::vector<refusal>& refusals)
{
    if (refusals.empty())
        throw connection_error{"the host name has no address", true};
    const refusal& last = refusals.back();
    if (last.next == next_step::nothing)
        std::rethrow_exception(last.what);
    if (refusals.size() == 1)
        rethrow_with_advice(last.what);
    std::string all = "no address could be reached";
    for (const refusal& each : refusals)
        all += fmt::format("\n  {}", each.text);
    if (last.timed_out)
        throw timeout_error{all};
    throw connection_error{all, true};
}

template <class T>
void shuffle(std::vector<T>& items)
{
    std::random_device source;
    std::minstd_rand random{source()};
    std::ranges::shuffle(items, random);
}

/// Looks for a server among several, once.
class search
{
public:
    /// @param options  Outlive it.
    explicit search(const connect_options& options) : options_{options}, hosts_{config::hosts_of(options)}
    {
        if (is_random())
            shuffle(hosts_);
    }

    /// A session with a server of that kind; nothing where there is none.
    asio::awaitable<std::optional<connection>> find(std::string_view wanted)
    {
        refusals_.clear();
        for (const config::host& host : hosts_) {
            auto found = co_await try_host(host, wanted);
            if (found || (!refusals_.empty() && refusals_.back().next == next_step::nothing))
                co_return found;
        }
        co_return std::nullopt;
    }

    [[nodiscard]] const std::vector<refusal>& refusals() const noexcept { return refusals_; }

private:
    [[nodiscard]] bool is_random() const noexcept { return options_.load_balance_hosts == "random"; }

    asio::awaitable<std::optional<connection>> try_host(const config::host& host, std::string_view wanted)
    {
        std::exception_ptr unknown;
        std::vector<candidate> candidates;
        try {
            candidates = co_await detail::candidates_for(host, options_.connect_timeout);
        } catch (...) {
            unknown = std::current_exception();
        }
        if (unknown) {
            const auto asked = co_await asio::this_coro::cancellation_state;
            note(unknown, asked.cancelled());
            co_return std::nullopt;
        }
        if (is_random())
            shuffle(candidates);
        for (const candidate& each : candidates) {
            auto made = co_await try_candidate(each, wanted);
            if (made || refusals_.back().next != next_step::address)
                co_return made;
        }
        co_return std::nullopt;
    }

    asio::awaitable<std::optional<connection>> try_candidate(const candidate& to, std::string_view wanted)
    {
        std::exception_ptr failed;
        try {
            std::optional<connection> made = co_await detail::attempt(to, options_);
            const bool fits = co_await detail::has_attributes(*made, wanted, options_.connect_timeout);
            if (fits)
                co_return made;
            refusal other;
            other.text = fmt::format("{}: the server is not what target_session_attrs={} asks for", to.name,
                                     options_.target_session_attrs);
            other.what = std::make_exception_ptr(connection_error{other.text, true});
            other.next = next_step::host;
            refusals_.push_back(std::move(other));
            co_return std::nullopt;
        } catch (...) {
            failed = std::current_exception();
        }
        const auto asked = co_await asio::this_coro::cancellation_state;
        note(failed, asked.cancelled());
        co_return std::nullopt;
    }

    /// No coroutine: once cancelled, awaiting one would throw Asio's error in place of ours.
    void note(const std::exception_ptr& failed, asio::cancellation_type cancelled)
    {
        if (cancelled != asio::cancellation_type::none)
            throw operation_aborted{"connecting was cancelled"};
        refusals_.push_back(understand(failed));
    }

    const connect_options& options_;
    std::vector<config::host> hosts_;
    std::vector<refusal> refusals_;
};

asio::awaitable<connection> connect_owned(connect_options options)
{
    search hosts{options};
    const bool has_second_choice = options.target_session_attrs == "prefer-standby";
    const std::string_view wanted = has_second_choice ? std::string_view{"standby"} : options.target_session_attrs;
    auto found = co_await hosts.find(wanted);
    if (!found && has_second_choice)
        found = co_await hosts.find("any");
    if (!found)
        fail(hosts.refusals());
    co_return *std::move(found);
}

} // namespace

asio::awaitable<connection> connect(std::string_view where) { return connect(connect_options{where}); }

asio::awaitable<connection> connect(connect_options options)
{
    options.validate();
    return connect_owned(std::move(options));
}

} // namespace tusk
