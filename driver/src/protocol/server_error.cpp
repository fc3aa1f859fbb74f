#include <tusk/driver/server_error.hpp>

#include "protocol/condition_table.hpp"
#include "protocol/error_response.hpp"
#include "protocol/escape_text.hpp"

#include <tusk/driver/detail/raise.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <algorithm>
#include <utility>

namespace tusk {

namespace {

// Generous for people, small for a log: the accessors have it all.
constexpr std::size_t label_limit = 32;
constexpr std::size_t text_limit = 4096;
constexpr std::string_view indent = "    ";

const std::string& severity_of(const error_fields& fields) noexcept
{
    return fields.severity_nonlocalized.empty() ? fields.severity : fields.severity_nonlocalized;
}

void append_line(std::string& out, std::string_view label, std::string_view text)
{
    if (text.empty())
        return;
    out += '\n';
    out += label;
    out += ": ";
    protocol::append_escaped(out, text, text_limit, indent);
}

std::string describe(const error_fields& fields, std::string_view remedy)
{
    std::string out;
    const std::string& severity = severity_of(fields);
    protocol::append_escaped(out, severity.empty() ? std::string_view{"ERROR"} : severity, label_limit, indent);
    if (!fields.sqlstate.empty()) {
        out += ' ';
        protocol::append_escaped(out, fields.sqlstate, label_limit, indent);
    }
    if (const std::string_view name = condition_name(fields.sqlstate); !name.empty()) {
        out += ' ';
        out += name;
    }
    out += ": ";
    protocol::append_escaped(out, fields.message, text_limit, indent);
    append_line(out, "DETAIL", fields.detail);
    append_line(out, "HINT", fields.hint);
    append_line(out, "REMEDY", remedy);
    return out;
}

} // namespace

server_error::server_error(std::shared_ptr<const error_fields> fields, std::string query, std::string_view remedy)
    : error{describe(*fields, remedy)},
      fields_{std::move(fields)},
      query_{std::make_shared<const std::string>(std::move(query))}
{
}

const std::string& server_error::severity() const noexcept { return severity_of(*fields_); }

bool server_error::is_fatal() const noexcept { return protocol::is_fatal(fields()); }

bool server_error::is_retryable() const noexcept
{
    return sqlstate() == sqlstate::serialization_failure || sqlstate() == sqlstate::deadlock_detected;
}

std::string_view condition_name(std::string_view sqlstate) noexcept
{
    const protocol::condition* found = protocol::find_condition(sqlstate);
    return found == nullptr ? std::string_view{} : found->name;
}

namespace protocol {

const condition* find_condition(std::string_view sqlstate) noexcept
{
    const auto table = condition_table();
    const auto found = std::ranges::lower_bound(table, sqlstate, {}, &condition::sqlstate);
    return found != table.end() && found->sqlstate == sqlstate ? &*found : nullptr;
}

} // namespace protocol

namespace detail {

std::exception_ptr make_server_error(std::shared_ptr<const error_fields> fields, std::string query,
                                     const std::string& remedy)
{
    const std::string& sqlstate = fields->sqlstate;
    const protocol::condition* found = protocol::find_condition(sqlstate);
    // Servers to come, extensions and RAISE ... USING ERRCODE have codes of their own in classes that we know.
    if (found == nullptr && sqlstate.size() == 5)
        found = protocol::find_condition(sqlstate.substr(0, 2) + "000");
    const auto make = found == nullptr ? &protocol::make_exception<server_error> : found->make;
    return make(std::move(fields), std::move(query), remedy);
}

void raise_server_error(std::shared_ptr<const error_fields> fields, std::string query, const std::string& remedy)
{
    std::rethrow_exception(make_server_error(std::move(fields), std::move(query), remedy));
}

} // namespace detail

} // namespace tusk
