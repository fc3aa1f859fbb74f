// What observers are told. Nothing here is called while there is none.
#include "connection/engine.hpp"
#include "connection/query.hpp"
#include "protocol/error_response.hpp"

#include <tusk/driver/connection_observer.hpp>
#include <tusk/driver/detail/statement_observer.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace tusk::detail {

namespace {

std::string_view text_of(const operation& what) { return what.sql().empty() ? what.name() : what.sql(); }

std::uint64_t rows_of(const operation& what)
{
    if (!what.data)
        return 0;
    return what.data->rows.size() != 0 ? what.data->rows.size() : what.data->tag.rows_affected();
}

} // namespace

void engine::observe_start(operation& what)
{
    what.observed = std::make_unique<operation::observation>();
    what.observed->begun = std::chrono::steady_clock::now();
    observer_->query_started(text_of(what));
}

void engine::observe_end(operation& what)
{
    query_summary summary{};
    summary.sql = text_of(what);
    summary.rows = rows_of(what);
    summary.bytes = what.observed->bytes;
    summary.sqlstate = what.why.sqlstate();
    summary.failed = static_cast<bool>(what.why);
    summary.duration = std::chrono::steady_clock::now() - what.observed->begun;
    what.observed.reset();
    auto* const of_statements = dynamic_cast<statement_observer*>(observer_.get());
    if (of_statements == nullptr) {
        observer_->query_ended(summary);
        return;
    }
    const auto* const query = dynamic_cast<const query_operation*>(&what);
    const std::size_t count = query == nullptr ? 0 : query->parameters().size();
    of_statements->statement_ended(
        summary, count, count != 0 && of_statements->wants_values() ? query->shown_parameters() : std::string{});
}

void engine::observe_notice(const protocol::backend_message& message)
{
    observer_->notice(protocol::parse_error_response(message.body));
}

void engine::observe_close() { observer_->closed(reason_); }

} // namespace tusk::detail
