#include <tusk/orm/schema.hpp>

#include "mapping/quoted.hpp"
#include "schema/existing.hpp"
#include "schema/table_order.hpp"

#include <tusk/session/engine.hpp>

#include <fmt/format.h>

#include <ranges>

namespace tusk::orm {

namespace {

using detail::find_existing;
using detail::sql_names;

template <class Verbs>
asio::awaitable<void> drop_present(Verbs& in, metadata of)
{
    const sql_names types = co_await find_existing(in, detail::types_to_find(of));
    const sql_names tables = co_await find_existing(in, detail::tables_to_find(of));

    std::vector<std::string> statements;
    const std::vector<detail::ordered_table> ordered = detail::in_dependency_order(of);
    for (const detail::ordered_table& each : ordered) {
        const std::string table = detail::qualified(*each.table);
        for (const foreign_key_info* key : each.later)
            if (tables.contains(table))
                statements.push_back(
                    fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table, detail::quoted(key->name)));
    }
    for (const detail::ordered_table& each : std::views::reverse(ordered)) {
        const std::string table = detail::qualified(*each.table);
        if (tables.contains(table))
            statements.push_back(fmt::format("DROP TABLE {}", table));
    }
    for (const enum_info* each : of.enums()) {
        const std::string type = detail::qualified(each->schema, each->name);
        if (types.contains(type))
            statements.push_back(fmt::format("DROP TYPE {}", type));
    }
    for (const std::string& each : statements)
        co_await in.execute(each);
}

asio::awaitable<void> drop_on(connection& on, metadata of)
{
    const auto drop = [&](transaction& in) { return drop_present(in, of); };
    co_await on.with_transaction(drop);
}

asio::awaitable<void> drop_with(const engine& on, metadata of)
{
    const auto drop = [&](tusk::session& in) { return drop_present(in, of); };
    co_await on.begin(drop);
}

} // namespace

asio::awaitable<void> drop_all(connection& on, const metadata& of) { return drop_on(on, of); }

asio::awaitable<void> drop_all(transaction& in, const metadata& of) { return drop_present(in, of); }

asio::awaitable<void> drop_all(const engine& on, const metadata& of) { return drop_with(on, of); }

asio::awaitable<void> drop_all(tusk::session& in, const metadata& of) { return drop_present(in, of); }

} // namespace tusk::orm
