#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace tusk {

/// What became of one statement; for metrics, traces and logs. The members are OpenTelemetry's attributes of database
/// calls, with an underscore for each dot.
/// @par Lifetime  Views are valid during the call.
/// @see OpenTelemetry, "Semantic conventions for PostgreSQL client operations".
struct statement_event {
    std::string_view db_system_name = "postgresql";
    std::string_view db_namespace;               ///< The database; with several hosts, which one is not told.
    std::string_view db_query_text;              ///< The SQL with its `$1`; "COMMIT", "ROLLBACK" where there is none.
    std::string_view db_operation_name;          ///< Its first word, as it is written.
    std::uint64_t db_response_returned_rows = 0; ///< Rows returned, or affected where none were returned.
    std::string_view db_response_status_code;    ///< The SQLSTATE where the server refused it, else empty.
    std::string_view error_type;                 ///< Empty where it succeeded; the SQLSTATE, or "client".
    std::string_view server_address;             ///< As configured.
    std::uint16_t server_port = 0;
    std::chrono::nanoseconds db_client_operation_duration{}; ///< From its first byte sent to its answer.

    /// Calls `each(name, value)` with OpenTelemetry's name for everything that is known: text, `std::uint64_t` for
    /// counts, and for `db.client.operation.duration` seconds as `double`.
    template <class Function>
    void for_each_attribute(Function&& each) const
    {
        each(std::string_view{"db.system.name"}, db_system_name);
        const auto text = [&](std::string_view name, std::string_view value) {
            if (!value.empty())
                each(name, value);
        };
        text("db.namespace", db_namespace);
        text("db.query.text", db_query_text);
        text("db.operation.name", db_operation_name);
        text("db.response.status_code", db_response_status_code);
        text("error.type", error_type);
        text("server.address", server_address);
        each(std::string_view{"server.port"}, std::uint64_t{server_port});
        each(std::string_view{"db.response.returned_rows"}, db_response_returned_rows);
        each(std::string_view{"db.client.operation.duration"},
             std::chrono::duration<double>{db_client_operation_duration}.count());
    }
};

} // namespace tusk
