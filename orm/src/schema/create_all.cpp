#include <tusk/orm/schema.hpp>

#include "mapping/quoted.hpp"
#include "schema/ddl.hpp"
#include "schema/existing.hpp"
#include "schema/table_order.hpp"

#include <tusk/session/engine.hpp>

namespace tusk::orm {

namespace {

using detail::find_existing;
using detail::sql_names;

template <class Verbs>
asio::awaitable<void> create_missing(Verbs& in, metadata of)
{
    const sql_names schemas = co_await find_existing(in, detail::schemas_to_find(of));
    const sql_names types = co_await find_existing(in, detail::types_to_find(of));
    const sql_names tables = co_await find_existing(in, detail::tables_to_find(of));

    const detail::ddl_writer ddl;
    std::vector<std::string> statements;
    for (const std::string& each : detail::schemas_of(of))
        if (!schemas.contains(detail::quoted(each)))
            statements.push_back(ddl.create_schema(each));
    for (const enum_info* each : of.enums())
        if (!types.contains(detail::qualified(each->schema, each->name)))
            statements.push_back(ddl.create_enum(*each));
    std::vector<std::string> closing;
    for (const detail::ordered_table& each : detail::in_dependency_order(of)) {
        if (tables.contains(detail::qualified(*each.table)))
            continue;
        statements.push_back(ddl.create_table(*each.table, each.foreign_keys));
        for (const index_info& index : each.table->indexes())
            statements.push_back(ddl.create_index(*each.table, index, false));
        for (std::string& comment : ddl.comments(*each.table))
            statements.push_back(std::move(comment));
        for (const foreign_key_info* key : each.later)
            closing.push_back(ddl.add_constraint(*each.table, ddl.foreign_key(*key)));
    }
    statements.insert(statements.end(), closing.begin(), closing.end());
    for (const std::string& each : statements)
        co_await in.execute(each);
}

asio::awaitable<void> create_on(connection& on, metadata of)
{
    const auto create = [&](transaction& in) { return create_missing(in, of); };
    co_await on.with_transaction(create);
}

asio::awaitable<void> create_with(const engine& on, metadata of)
{
    const auto create = [&](tusk::session& in) { return create_missing(in, of); };
    co_await on.begin(create);
}

} // namespace

asio::awaitable<void> create_all(connection& on, const metadata& of) { return create_on(on, of); }

asio::awaitable<void> create_all(transaction& in, const metadata& of) { return create_missing(in, of); }

asio::awaitable<void> create_all(const engine& on, const metadata& of) { return create_with(on, of); }

asio::awaitable<void> create_all(tusk::session& in, const metadata& of) { return create_missing(in, of); }

} // namespace tusk::orm
