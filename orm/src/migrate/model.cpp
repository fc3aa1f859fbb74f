#include "migrate/model.hpp"

#include "migrate/catalog.hpp"
#include "migrate/names.hpp"
#include "schema/ddl.hpp"
#include "schema/table_order.hpp"

#include <tusk/driver/server_error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace tusk::migrate::detail {

namespace {

/// What one piece of a table is made of, for the case that the table does not come into being as a whole.
struct piece {
    std::string kind;
    std::string name;
    std::string statement;
};

class builder
{
public:
    builder(transaction& in, const orm::metadata& of, const building_site& at)
        : in_{in}, of_{of}, at_{at}, ddl_{at.schemas}
    {
    }

    asio::awaitable<built_model> build()
    {
        co_await set_search_path(in_, at_.build_path);
        for (const std::string& each : at_.to_create) {
            const std::string create = fmt::format("CREATE SCHEMA IF NOT EXISTS {}", in_sql(each));
            co_await in_.execute(create);
        }
        std::vector<std::string> all;
        for (const orm::enum_info* each : of_.enums())
            all.push_back(ddl_.create_enum(*each));
        for (const orm::table_info* each : of_.tables())
            append(all, whole(*each));
        for (const orm::table_info* each : of_.tables())
            for (const piece& key : foreign_keys(*each))
                all.push_back(key.statement);
        if (!co_await try_script(all))
            co_await build_by_pieces();
        co_await set_search_path(in_, at_.read_path);
        co_await read_back();
        co_return std::move(made_);
    }

private:
    static void append(std::vector<std::string>& to, std::vector<std::string> more)
    {
        for (std::string& each : more)
            to.push_back(std::move(each));
    }

    std::vector<std::string> whole(const orm::table_info& table) const
    {
        std::vector<std::string> all{ddl_.create_table(table, {})};
        for (const orm::index_info& each : table.indexes())
            all.push_back(ddl_.create_index(table, each, false));
        append(all, ddl_.comments(table));
        return all;
    }

    std::vector<piece> pieces(const orm::table_info& table) const
    {
        std::vector<piece> all;
        const auto constraint = [&](const std::string& name, const std::string& text) {
            all.push_back({"constraint", name, ddl_.add_constraint(table, text)});
        };
        // A generated column needs the others.
        for (const bool generated : {false, true})
            for (const orm::column_info& each : table.columns())
                if (each.generated.empty() != generated)
                    all.push_back({"column", each.name,
                                   fmt::format("ALTER TABLE {} ADD COLUMN {}", ddl_.name(table), ddl_.column(each))});
        constraint(table.primary_key_name(), ddl_.primary_key(table));
        for (const orm::unique_info& each : table.uniques())
            constraint(each.name, ddl_.unique(each));
        for (const orm::check_info& each : table.checks())
            constraint(each.name, ddl_.check(each));
        for (const orm::exclusion_info& each : table.exclusions())
            constraint(each.name, ddl_.exclusion(each));
        for (const orm::index_info& each : table.indexes())
            all.push_back({"index", each.name, ddl_.create_index(table, each, false)});
        for (const std::string& each : ddl_.comments(table))
            all.push_back({"comment", "", each});
        return all;
    }

    std::vector<piece> foreign_keys(const orm::table_info& table) const
    {
        std::vector<piece> all;
        for (const orm::foreign_key_info& each : table.foreign_keys())
            all.push_back({"constraint", each.name, ddl_.add_constraint(table, ddl_.foreign_key(each))});
        return all;
    }

    /// Runs statements behind a savepoint. @returns Whether the server took them; why not is in `refusal_`.
    asio::awaitable<bool> try_script(std::vector<std::string> statements)
    {
        if (statements.empty())
            co_return true;
        const std::string script = fmt::format("{};", fmt::join(statements, ";\n"));
        transaction inner = co_await in_.begin();
        const auto outcome = co_await inner.try_execute_script(script);
        if (outcome) {
            co_await inner.commit();
            co_return true;
        }
        co_await inner.rollback();
        try {
            static_cast<void>(outcome.value());
        } catch (const server_error& refused) {
            refusal_ = refused.what();
        }
        co_return false;
    }

    asio::awaitable<void> build_by_pieces()
    {
        for (const orm::enum_info* each : of_.enums()) {
            std::vector<std::string> one{ddl_.create_enum(*each)};
            if (!co_await try_script(std::move(one)))
                made_.not_compared.push_back(fmt::format("type {}: {}", each->name, refusal_));
        }
        for (const orm::table_info* table : of_.tables()) {
            std::vector<std::string> all = whole(*table);
            if (co_await try_script(std::move(all)))
                continue;
            const std::string empty = fmt::format("CREATE TABLE {} ()", ddl_.name(*table));
            co_await in_.execute(empty);
            co_await build(*table, pieces(*table));
        }
        for (const orm::table_info* table : of_.tables())
            co_await build(*table, foreign_keys(*table));
    }

    asio::awaitable<void> build(const orm::table_info& table, std::vector<piece> all)
    {
        for (const piece& each : all) {
            std::vector<std::string> one{each.statement};
            if (co_await try_script(std::move(one)))
                continue;
            made_.not_compared.push_back(
                fmt::format("{} {} of table {}: {}", each.kind, each.name, table.name(), refusal_));
            made_.unknown.insert(part_key(table.schema(), table.name(), each.kind, each.name));
        }
    }

    asio::awaitable<void> read_back()
    {
        std::vector<std::string> where;
        for (const auto& [schema, place] : at_.schemas)
            if (std::ranges::find(where, place) == where.end())
                where.push_back(place);
        made_.has = co_await read_catalog(in_, where);
        for (snapshot_table& table : made_.has.tables) {
            table.schema = schema_of(table.schema, table.name);
            for (snapshot_column& each : table.columns)
                for (std::string* text : {&each.type, &each.default_sql, &each.generated})
                    *text = with_own_schemas(*text);
            for (snapshot_constraint& each : table.constraints) {
                each.definition = with_own_schemas(each.definition);
                if (each.kind == 'f')
                    each.referred_schema = schema_of(each.referred_schema, each.referred_table);
            }
            for (snapshot_index& each : table.indexes)
                each.definition = with_own_schemas(each.definition);
        }
        for (snapshot_enum& each : made_.has.enums)
            each.schema = schema_of_enum(each.schema, each.name);
    }

    /// The schema in the mapping of what was built somewhere else.
    std::string schema_of(const std::string& place, const std::string& table) const
    {
        for (const orm::table_info* each : of_.tables())
            if (each->name() == table && at_.schemas.find(each->schema())->second == place)
                return each->schema();
        return place;
    }

    std::string schema_of_enum(const std::string& place, const std::string& type) const
    {
        for (const orm::enum_info* each : of_.enums())
            if (each->name == type && at_.schemas.find(each->schema)->second == place)
                return each->schema;
        return place;
    }

    /// Scratch schemas in what was read are named as they will be.
    std::string with_own_schemas(std::string text) const
    {
        for (const auto& [schema, place] : at_.schemas) {
            if (!place.starts_with("tusk_scratch_"))
                continue;
            const std::string from = place + '.';
            const std::string to = in_sql(schema.empty() ? at_.default_schema : schema) + '.';
            for (auto found = text.find(from); found != std::string::npos; found = text.find(from, found + to.size()))
                text.replace(found, from.size(), to);
        }
        return text;
    }

    transaction& in_;
    const orm::metadata& of_;
    const building_site& at_;
    orm::detail::ddl_writer ddl_;
    built_model made_;
    std::string refusal_;
};

} // namespace

std::string part_key(std::string_view schema, std::string_view table, std::string_view kind, std::string_view name)
{
    return fmt::format("{}|{}|{}|{}", schema, table, kind, name);
}

asio::awaitable<built_model> build_model(transaction& in, const orm::metadata& of, const building_site& at)
{
    builder one{in, of, at};
    built_model made = co_await one.build();
    co_return made;
}

} // namespace tusk::migrate::detail
