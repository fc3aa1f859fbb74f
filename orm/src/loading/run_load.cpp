#include "loading/by_key.hpp"
#include "loading/load_related.hpp"
#include "unit_of_work/key.hpp"

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/statement_run.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tusk::orm::detail {

namespace {

std::string names_of(const std::vector<const column_info*>& columns)
{
    std::string names;
    for (const column_info* each : columns)
        names += (names.empty() ? "" : ", ") + each->name;
    return names;
}

/// It was read or written in this transaction, or has changes that a row would not overwrite.
bool is_current(session_state& state, const entity_record& entity)
{
    return entity.transaction == state.store().transaction() || !state.store().may_take_values(entity);
}

} // namespace

std::string encode_key(const table_info& table, std::span<const tusk::detail::parameter> values)
{
    const auto& columns = table.primary_key();
    if (values.size() != columns.size())
        throw usage_error{fmt::format("the primary key of {} has {} column(s) ({}), and {} value(s) were given",
                                      table.class_name(), columns.size(), names_of(columns), values.size())};
    std::string key;
    byte_writer encoded;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const tusk::detail::parameter& given = values[i];
        encoded.clear();
        format as = format::binary;
        const bool fits = !given.operations->is_null(given.value) &&
                          given.operations->write(given.value, columns[i]->type_oid, encoded, as) &&
                          (as == format::text) == travels_as_text(*columns[i]);
        if (!fits)
            throw usage_error{fmt::format("{} is {}, and a {} was given", columns[i]->described(), columns[i]->type,
                                          given.operations->cpp_type)};
        append_key_part(key, encoded.bytes(), columns.size() == 1);
    }
    return key;
}

asio::awaitable<kept_entities> run_get(std::shared_ptr<session_state> on, const table_info& table, std::string key,
                                       std::source_location /*who*/)
{
    tusk::detail::session_use use = on->use();
    kept_entities found;
    entity_record* known = on->store().find(table, key);
    if (known == nullptr || !is_current(*on, *known)) {
        const std::array tables{&table};
        if (on->must_flush(tables))
            co_await on->flush(use);
        const entity_store::keep_all meanwhile{on->store()};
        known = co_await load_by_key(*on, use, table, std::move(key), false);
        if (known != nullptr)
            found.push_back(known);
        co_return found;
    }
    found.push_back(known);
    co_return found;
}

asio::awaitable<void> run_load(std::shared_ptr<session_state> on, const relation_info& relation, kept_entities owners,
                               std::source_location /*who*/)
{
    tusk::detail::session_use use = on->use();
    std::vector<load_task> tasks(1);
    tasks.front().relation = &relation;
    for (entity_node* each : owners) {
        if (each == nullptr)
            fail_null_handle();
        if (each->store != &on->store())
            throw usage_error{fmt::format("this {} belongs to another session: load {} there, or merge it first",
                                          relation.table->class_name(), relation.described())};
        tasks.front().owners.push_back(static_cast<entity_record*>(each));
    }
    const std::array tables{relation.target, relation.secondary != nullptr ? relation.secondary : relation.table};
    if (on->must_flush(tables))
        co_await on->flush(use);
    const entity_store::keep_all meanwhile{on->store()};
    co_await load_related(*on, use, std::move(tasks));
}

} // namespace tusk::orm::detail
