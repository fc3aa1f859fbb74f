#include "support/scripted_session.hpp"

#include "connection/establish.hpp"

#include <tusk/driver/oid.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>

namespace tusk::test {

namespace {

/// Far more than any script needs, so that only a hang gets there.
constexpr std::chrono::seconds long_enough{10};

std::string describe(const field_view& field)
{
    if (field.is_null())
        return "NULL";
    if (field.format() == format::text)
        return std::string{field.as<std::string_view>()};
    switch (field.column().type) {
    case 16: return field.as<bool>() ? "true" : "false";
    case 20: return std::to_string(field.as<std::int64_t>());
    case 23: return std::to_string(field.as<std::int32_t>());
    default: return field.as<std::string>();
    }
}

} // namespace

std::string describe(const result& rows)
{
    std::string text;
    for (const row_view row : rows)
        text += describe(row) + ' ';
    return text + std::string{rows.tag().text()};
}

std::string describe(const row_view& row)
{
    std::string text{'('};
    for (std::size_t i = 0; i != row.size(); ++i)
        text += fmt::format("{}{}={}", i == 0 ? "" : ", ", row.columns()[i].name, describe(row[i]));
    return text + ')';
}

std::string describe(const std::vector<result>& all)
{
    std::string text;
    for (const result& each : all)
        text += fmt::format("{}; ", describe(each));
    return text;
}

std::string describe(const notification& note) { return note.channel + ": " + note.payload; }

std::string describe(const command_tag& tag) { return std::string{tag.text()}; }

std::string describe(const std::exception_ptr& failed)
{
    try {
        std::rethrow_exception(failed);
    } catch (const server_error& what) {
        return fmt::format("server_error {}: {}", what.sqlstate(), what.message());
    } catch (const transaction_rolled_back& what) {
        return fmt::format("transaction_rolled_back because of {}",
                           what.cause() ? describe(what.cause()) : std::string{"nothing known"});
    } catch (const commit_outcome_unknown&) {
        return "commit_outcome_unknown";
    } catch (const connection_error& what) {
        return what.safe_to_retry() ? "connection_error, safe to retry" : "connection_error";
    } catch (const authentication_error&) {
        return "authentication_error";
    } catch (const protocol_error&) {
        return "protocol_error";
    } catch (const usage_error&) {
        return "usage_error";
    } catch (const encode_error&) {
        return "encode_error";
    } catch (const not_executed&) {
        return "not_executed";
    } catch (const operation_aborted&) {
        return "operation_aborted";
    } catch (const std::exception& what) {
        return fmt::format("something else: {}", what.what());
    }
}

scripted_session::scripted_session(const script& plays, const delivery& how, connect_options options)
    : options_{std::move(options)}, peer_{std::make_shared<scripted_peer>(plays, how)}
{
}

scripted_session::~scripted_session()
{
    connection_.reset(); // says goodbye from a handler
    drive();
}

void scripted_session::run(program of)
{
    start_connect();
    drive();
    if (!is_connected())
        return;
    start(of);
    drive();
}

void scripted_session::start_connect(asio::cancellation_slot slot)
{
    ++running_;
    asio::co_spawn(io_, connect(),
                   asio::bind_cancellation_slot(slot, [this](const std::exception_ptr& how) { ended(how); }));
}

void scripted_session::start(program of, asio::cancellation_slot slot)
{
    ++running_;
    asio::co_spawn(io_, play(of),
                   asio::bind_cancellation_slot(slot, [this](const std::exception_ptr& how) { ended(how); }));
}

bool scripted_session::step()
{
    io_.restart();
    return io_.poll_one() != 0;
}

void scripted_session::drive()
{
    io_.restart();
    io_.poll(); // everything happens in memory, so nothing is waited for ...
    if (running_ == 0)
        return;
    io_.restart();
    io_.run_for(long_enough); // ... but a bound of the driver's own
}

asio::awaitable<void> scripted_session::connect()
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    std::unique_ptr<transport::stream> stream = std::make_unique<transport::memory_stream>(io_.get_executor(), peer_);
    connection_.emplace(co_await detail::establish(std::move(stream), options_));
}

asio::awaitable<void> scripted_session::play(program of)
{
    // Lets every type of cancellation through, not only the terminal one.
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await of(*this, *connection_);
}

void scripted_session::ended(const std::exception_ptr& how)
{
    --running_;
    if (how)
        failure_ = how;
}

void scripted_session::add(const char* what, std::string said, const std::exception_ptr& failed, std::size_t before)
{
    call made;
    made.what = what;
    made.said = failed ? describe(failed) : std::move(said);
    made.error = failed;
    made.taken_before = before;
    made.taken_after = peer_->written().size();
    made.open_after = connection_->is_open();
    calls_.push_back(std::move(made));
}

void scripted_session::say(std::string line)
{
    call made;
    made.said = std::move(line);
    made.taken_before = made.taken_after = peer_->written().size();
    made.open_after = connection_->is_open();
    calls_.push_back(std::move(made));
}

std::vector<std::string> scripted_session::transcript() const
{
    std::vector<std::string> lines;
    for (const call& each : calls_)
        lines.push_back(each.what.empty() ? each.said : fmt::format("{}: {}", each.what, each.said));
    if (failure_)
        lines.push_back(fmt::format("ended by {}", describe(failure_)));
    return lines;
}

} // namespace tusk::test
