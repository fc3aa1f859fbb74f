#include "loading/touched_rows.hpp"

#include "loading/by_key.hpp"
#include "loading/key_reader.hpp"
#include "loading/row_fields.hpp"
#include "mapping/quoted.hpp"
#include <tusk/orm/detail/row_start.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

namespace {

/// The statement returns the entities themselves: reading them is all there is to do.
bool returns_entities(const prepared_statement& of)
{
    return of.does == prepared_statement::effect::updates &&
           std::ranges::find(of.made.outputs, of.table, &compiled_output::table) != of.made.outputs.end();
}

} // namespace

touched_rows::touched_rows(session_state& state, const prepared_statement& statement)
    : state_{state}, statement_{statement}
{
    if (statement.does == prepared_statement::effect::none || !state.store().holds(*statement.table) ||
        returns_entities(statement))
        return;
    // RETURNING is always the last clause.
    std::string sql = statement.made.sql;
    std::string_view between = statement.made.outputs.empty() ? " RETURNING " : ", ";
    for (const column_info* each : statement.table->primary_key()) {
        sql.append(between).append(quoted(statement.table->name())).append(".").append(quoted(each->name));
        between = ", ";
    }
    with_keys_ = std::move(sql);
}

const std::string& touched_rows::sql() const noexcept { return with_keys_ ? *with_keys_ : statement_.made.sql; }

asio::awaitable<void> touched_rows::follow(tusk::detail::session_use& use, const result& rows)
{
    if (!with_keys_ || rows.empty())
        co_return;
    const auto& primary = statement_.table->primary_key();
    std::vector<std::size_t> positions;
    positions.reserve(primary.size());
    for (std::size_t i = 0; i < primary.size(); ++i)
        positions.push_back(statement_.made.column_count + i);
    key_reader keys{primary, positions, rows.columns()};
    row_fields fields{rows.columns().size()};
    std::vector<entity_record*> known;
    for (const row_view row : rows) {
        fields.look_at(start_of(row));
        const std::optional<std::string_view> key = keys.read(fields);
        if (entity_record* const found = key ? state_.store().find(*statement_.table, *key) : nullptr)
            known.push_back(found);
    }
    if (statement_.does == prepared_statement::effect::updates) {
        co_await reload(state_, use, std::move(known));
        co_return;
    }
    for (entity_record* each : known)
        state_.store().deleted_by_statement(*each);
}

} // namespace tusk::orm::detail
