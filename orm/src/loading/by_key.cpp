#include "loading/by_key.hpp"

#include "loading/canonical_column.hpp"
#include "loading/key_array.hpp"
#include "loading/result_reader.hpp"
#include "loading/scratch_entity.hpp"
#include "loading/send.hpp"
#include "mapping/quoted.hpp"
#include "mapping/type_oid.hpp"
#include "unit_of_work/key.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// Keys a statement.
constexpr std::size_t most_keys = 10'000;

/// `SELECT id, name FROM users WHERE `; what it selects is the entity.
compiled_statement select_all(const table_info& table)
{
    const auto columns = std::make_shared<std::vector<const column_info*>>();
    compiled_statement made;
    for (const column_info& each : table.columns()) {
        made.sql += (columns->empty() ? "SELECT " : ", ") + quoted(each.name);
        columns->push_back(&each);
    }
    made.sql += " FROM " + qualified(table) + " WHERE ";
    compiled_output& entity = made.outputs.emplace_back();
    entity.table = &table;
    entity.columns = *columns;
    made.column_count = columns->size();
    made.result_count = 1;
    made.owner = columns;
    return made;
}

std::string array_of(const column_info& column) { return column.type + "[]"; }

compiled_statement select_by_key(const table_info& table)
{
    compiled_statement made = select_all(table);
    std::size_t number = 0;
    for (const column_info* each : table.primary_key()) {
        made.sql += (number == 0 ? "" : " AND ") + quoted(each->name) + " = $" + std::to_string(number + 1);
        ++number;
    }
    return made;
}

/// Asked for again and again, so it is written once. (Tables live as long as the program.)
std::shared_ptr<const compiled_statement> known_select_by_key(const table_info& table)
{
    static std::mutex lock;
    static std::unordered_map<const table_info*, std::shared_ptr<const compiled_statement>> known;
    const std::scoped_lock now{lock};
    std::shared_ptr<const compiled_statement>& found = known[&table];
    if (!found)
        found = std::make_shared<const compiled_statement>(select_by_key(table));
    return found;
}

compiled_statement select_by_keys(const table_info& table)
{
    compiled_statement made = select_all(table);
    const auto& key = table.primary_key();
    if (key.size() == 1) {
        made.sql += quoted(key.front()->name) + " = ANY($1)";
        return made;
    }
    std::string names;
    std::string arrays;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const std::string_view between = i == 0 ? "" : ", ";
        names.append(between).append(quoted(key[i]->name));
        arrays.append(between).append("$" + std::to_string(i + 1) + "::" + array_of(*key[i]));
    }
    made.sql += "(" + names + ") IN (SELECT * FROM unnest(" + arrays + "))";
    return made;
}

tusk::parameters one_key(const table_info& table, std::string_view key)
{
    const auto& columns = table.primary_key();
    const auto values = std::make_shared<std::deque<key_value>>();
    std::vector<tusk::detail::parameter> described;
    described.reserve(columns.size());
    const std::vector<std::string_view> parts = parts_of(key, columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i)
        described.push_back(
            values->emplace_back(columns[i]->type_oid, std::string{parts[i]}, travels_as_text(*columns[i]))
                .as_parameter());
    return tusk::parameters{}.add_described(described, values);
}

tusk::parameters many_keys(const table_info& table, std::span<entity_record* const> entities)
{
    const auto& columns = table.primary_key();
    const auto arrays = std::make_shared<std::deque<key_array>>();
    for (const column_info* each : columns)
        arrays->emplace_back(oid_of_column_type(array_of(*each)), each->type_oid, travels_as_text(*each));
    for (const entity_record* each : entities) {
        const std::vector<std::string_view> parts = parts_of(each->key, columns.size());
        for (std::size_t i = 0; i < parts.size(); ++i)
            (*arrays)[i].add(parts[i]);
    }
    std::vector<tusk::detail::parameter> described;
    described.reserve(arrays->size());
    for (const key_array& each : *arrays)
        described.push_back(each.as_parameter());
    return tusk::parameters{}.add_described(described, arrays);
}

} // namespace

bool travels_as_text(const column_info& column)
{
    if (column.type_oid == 0 || is_canonical(column, column.type_oid))
        return column.type_oid == 0;
    const scratch_entity example{*column.table};
    byte_writer encoded;
    return encode_value(column, column.operations.member(example.object()), encoded) == format::text;
}

asio::awaitable<entity_record*> load_by_key(session_state& state, tusk::detail::session_use& use,
                                            const table_info& table, std::string key, bool overwrite)
{
    const std::shared_ptr<const compiled_statement> statement = known_select_by_key(table);
    const result rows = co_await send(state, use, statement->sql, one_key(table, key));
    if (rows.empty())
        co_return nullptr;
    result_reader reader{state.store(), *statement, rows.columns(), overwrite ? on_known::refresh : on_known::keep};
    reader.read(rows[0]);
    co_return reader.entity(0);
}

asio::awaitable<void> reload(session_state& state, tusk::detail::session_use& use, std::vector<entity_record*> entities)
{
    if (entities.empty())
        co_return;
    const table_info& table = *entities.front()->table;
    const compiled_statement statement = select_by_keys(table);
    for (std::size_t begin = 0; begin < entities.size(); begin += most_keys) {
        const std::size_t count = std::min(most_keys, entities.size() - begin);
        const result rows =
            co_await send(state, use, statement.sql, many_keys(table, std::span{entities}.subspan(begin, count)));
        result_reader reader{state.store(), statement, rows.columns(), on_known::refresh};
        for (const row_view row : rows)
            reader.read(row);
    }
}

} // namespace tusk::orm::detail
