#include "engine/statement_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace tusk::detail {

namespace {

/// What has no SQL text is called by its name.
std::string_view text_of(const query_summary& what)
{
    if (what.sql == "commit")
        return "COMMIT";
    if (what.sql == "rollback")
        return "ROLLBACK";
    return what.sql;
}

std::string_view first_word(std::string_view sql)
{
    constexpr std::string_view blank = " \t\r\n";
    sql.remove_prefix(std::min(sql.find_first_not_of(blank), sql.size()));
    return sql.substr(0, sql.find_first_of(" \t\r\n(;"));
}

/// To one line: a statement that is written over several stays readable in a log.
std::string on_one_line(std::string_view sql)
{
    std::string line;
    for (const char each : sql) {
        const bool is_blank = each == '\n' || each == '\r' || each == '\t' || each == ' ';
        if (!is_blank)
            line += each;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

} // namespace

statement_watch::statement_watch(engine_options options, const connect_options& where)
    : echo_{options.echo},
      hide_{options.hide_parameters},
      sink_{std::move(options.echo_sink)},
      told_{std::move(options.on_statement)},
      database_{where.dbname.empty() ? where.user : where.dbname},
      host_{where.host},
      port_{where.port},
      next_{where.observer}
{
}

void statement_watch::show(std::string_view line) const
{
    if (sink_)
        sink_(line);
    else
        fmt::print(stderr, "tusk: {}\n", line);
}

void statement_watch::transaction_begun(std::string_view statement) const noexcept
{
    try {
        show(fmt::format("{} (with the next statement)", statement));
    } catch (...) {
        return; // what is only shown must not break what is done
    }
}

void statement_watch::query_started(std::string_view sql) noexcept
{
    if (next_)
        next_->query_started(sql);
}

void statement_watch::statement_ended(const query_summary& what, std::size_t parameters,
                                      std::string_view values) noexcept
{
    if (next_)
        next_->query_ended(what);
    try {
        const std::string_view text = text_of(what);
        if (echo_)
            show_end(what, text, parameters, values);
        if (told_)
            tell(what, text);
    } catch (...) {
        return; // as above
    }
}

void statement_watch::show_end(const query_summary& what, std::string_view text, std::size_t parameters,
                               std::string_view values) const
{
    std::string line = on_one_line(text);
    if (!values.empty())
        line += fmt::format(" [{}]", values);
    else if (parameters != 0)
        line += fmt::format(" [{} parameter{} hidden]", parameters, parameters == 1 ? "" : "s");
    const double milliseconds = std::chrono::duration<double, std::milli>{what.duration}.count();
    line += fmt::format(" -- {:.3f} ms, ", milliseconds);
    if (!what.failed)
        line += fmt::format("{} row{}", what.rows, what.rows == 1 ? "" : "s");
    else if (!what.sqlstate.empty())
        line += fmt::format("refused: {} {}", what.sqlstate, condition_name(what.sqlstate));
    else
        line += "failed";
    show(line);
}

void statement_watch::tell(const query_summary& what, std::string_view text) const
{
    statement_event event;
    event.db_namespace = database_;
    event.db_query_text = text;
    event.db_operation_name = first_word(text);
    event.db_response_returned_rows = what.rows;
    event.db_response_status_code = what.sqlstate;
    if (what.failed)
        event.error_type = what.sqlstate.empty() ? std::string_view{"client"} : what.sqlstate;
    event.server_address = host_;
    event.server_port = port_;
    event.db_client_operation_duration = what.duration;
    told_(event);
}

void statement_watch::notice(const error_fields& fields) noexcept
{
    if (next_)
        next_->notice(fields);
}

void statement_watch::closed(std::string_view reason) noexcept
{
    if (next_)
        next_->closed(reason);
}

} // namespace tusk::detail
