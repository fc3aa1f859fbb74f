// Columns: what is there, of which type, with which default.
#include "migrate/differ.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tusk::migrate::detail {

namespace {

std::string alter(const orm::column_info& column, const std::string& table)
{
    return fmt::format("ALTER TABLE {} ALTER COLUMN {}", table, in_sql(column.name));
}

/// "character varying(80)" is "character varying".
std::string base_of(std::string_view type)
{
    const auto begin = type.find('(');
    if (begin == std::string_view::npos)
        return std::string{type};
    const auto end = type.find(')', begin);
    return std::string{type.substr(0, begin)}.append(type.substr(std::min(end + 1, type.size())));
}

bool are_among(std::string_view a, std::string_view b, std::initializer_list<std::string_view> family)
{
    const auto is_in = [&](std::string_view one) { return std::ranges::find(family, one) != family.end(); };
    return is_in(a) && is_in(b);
}

/// PostgreSQL converts these by itself when it assigns, and refuses what does not fit. With USING it would cut.
bool converts_by_assignment(std::string_view from, std::string_view to)
{
    const std::string a = base_of(from);
    const std::string b = base_of(to);
    return a == b || b == "text" || b == "character varying" || b == "character" ||
           are_among(a, b, {"smallint", "integer", "bigint", "numeric", "real", "double precision"}) ||
           are_among(a, b, {"date", "timestamp without time zone", "timestamp with time zone"});
}

/// A longer varchar is the same bytes.
bool is_free(std::string_view from, std::string_view to)
{
    if (base_of(from) != "character varying")
        return false;
    if (to == "text" || to == "character varying")
        return true;
    const auto length = [](std::string_view type) {
        const auto begin = type.find('(');
        return begin == std::string_view::npos ? 1 << 30 : std::atoi(std::string{type.substr(begin + 1)}.c_str());
    };
    return base_of(to) == "character varying" && length(to) >= length(from);
}

/// Functions whose value differs from row to row: a default of them is computed for every row that is there.
bool is_volatile(std::string_view sql)
{
    constexpr std::array<std::string_view, 6> known{"nextval",          "random",          "gen_random_uuid",
                                                    "uuid_generate_v4", "clock_timestamp", "uuidv7"};
    return std::ranges::any_of(known, [&](std::string_view each) { return mentions(sql, each); });
}

void bring_back_comment(const snapshot_table& of, const snapshot_column& column, std::vector<std::string>& into)
{
    if (!column.comment.empty())
        into.push_back(
            fmt::format("COMMENT ON COLUMN {}.{} IS {}", of.sql_name(), in_sql(column.name), literal(column.comment)));
}

std::string type_with_collation(const snapshot_column& column)
{
    return column.collation.empty() ? column.type : fmt::format("{} COLLATE {}", column.type, column.collation);
}

} // namespace

void differ::compare_columns(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live)
{
    for (const snapshot_column& each : live.columns)
        if (table.find_column(each.name) == nullptr)
            drop_column(live, each);
    for (const orm::column_info& each : table.columns()) {
        if (live.find_column(each.name) == nullptr)
            add_column(each);
        else if (!is_unknown(table, "column", each.name))
            compare_column(each, built, live);
    }
}

void differ::add_column(const orm::column_info& column)
{
    const std::string table = ddl_.name(*column.table);
    const bool computed = !column.generated.empty();
    operation& made = add(computed ? phase::add_generated_column : phase::add_column,
                          fmt::format("add column {}.{}", table, column.name));
    std::string statement = fmt::format("ALTER TABLE {} ADD COLUMN {}", table, ddl_.column(column));
    if (!column.is_nullable && !column.has_server_value())
        statement = marked(
            "empty", fmt::format("{}: adds the column {}, which is NOT NULL and has no default", table, column.name),
            statement);
    if (computed || column.generated_id != orm::identity::none || is_volatile(column.server_default))
        statement =
            marked("rewrite", fmt::format("{}: computes the column {} for every row", table, column.name), statement);
    made.upgrade.push_back(statement);
    made.downgrade.push_back(fmt::format("ALTER TABLE {} DROP COLUMN {}", table, in_sql(column.name)));
}

void differ::drop_column(const snapshot_table& live, const snapshot_column& column)
{
    const bool computed = !column.generated.empty();
    operation& made = add(computed ? phase::drop_generated_column : phase::drop_column,
                          fmt::format("drop column {}.{}", live.sql_name(), column.name));
    std::string statement = fmt::format("ALTER TABLE {} DROP COLUMN {}", live.sql_name(), in_sql(column.name));
    if (!computed)
        statement =
            marked("destructive", fmt::format("drops the column {}.{} with its data", live.sql_name(), column.name),
                   statement);
    made.upgrade.push_back(statement);
    std::string back = fmt::format("ALTER TABLE {} ADD COLUMN {}", live.sql_name(), text_of(column));
    if (!computed) {
        made.downgrade.push_back(fmt::format("-- [irreversible] the column {}.{} comes back empty: its data is gone",
                                             live.sql_name(), column.name));
        if (column.not_null && column.default_sql.empty() && column.identity == '\0')
            back = marked("empty",
                          fmt::format("{}: brings back the column {}, which is NOT NULL, without its data",
                                      live.sql_name(), column.name),
                          back);
    }
    made.downgrade.push_back(back);
    bring_back_comment(live, column, made.downgrade);
}

void differ::replace_generated(const orm::column_info& column, const snapshot_table& live, const snapshot_column& now)
{
    const std::string table = ddl_.name(*column.table);
    if (!made_again_.insert(part_key(live.schema, live.name, "column", column.name)).second)
        return;
    const std::string drop = fmt::format("ALTER TABLE {} DROP COLUMN {}", table, in_sql(column.name));
    operation& before = add(phase::drop_generated_column, fmt::format("drop column {}.{}", table, column.name));
    before.upgrade.push_back(
        now.generated.empty()
            ? marked("destructive", fmt::format("drops the column {}.{} with its data", table, column.name), drop)
            : drop);
    before.downgrade.push_back(fmt::format("ALTER TABLE {} ADD COLUMN {}", table, text_of(now)));
    bring_back_comment(live, now, before.downgrade);
    operation& after = add(phase::add_generated_column, fmt::format("add column {}.{}", table, column.name));
    after.upgrade.push_back(marked("rewrite",
                                   fmt::format("{}: computes the column {} for every row", table, column.name),
                                   fmt::format("ALTER TABLE {} ADD COLUMN {}", table, ddl_.column(column))));
    after.downgrade.push_back(drop);
}

void differ::compare_column(const orm::column_info& column, const snapshot_table& built, const snapshot_table& live)
{
    const snapshot_column* wanted = built.find_column(column.name);
    const snapshot_column* now = live.find_column(column.name);
    if (wanted == nullptr || now == nullptr)
        return;
    const bool new_type = wanted->type != now->type || wanted->collation != now->collation;
    if (wanted->generated != now->generated || (new_type && !wanted->generated.empty())) {
        replace_generated(column, live, *now);
        return;
    }
    if (new_type) {
        // What is computed from it has to step aside.
        for (const snapshot_column& each : live.columns) {
            const orm::column_info* other = column.table->find_column(each.name);
            if (!each.generated.empty() && other != nullptr && mentions(each.generated, column.name))
                replace_generated(*other, live, each);
        }
        change_type(column, *wanted, *now);
    } else {
        change_default(column, *wanted, *now);
    }
    change_identity(column, *wanted, *now);
    change_nullability(column, *wanted, *now);
}

void differ::change_type(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now)
{
    const std::string table = ddl_.name(*column.table);
    operation& made = add(phase::alter_column, fmt::format("change type of column {}.{} from {} to {}", table,
                                                           column.name, now.type, wanted.type));
    const auto change = [&](const snapshot_column& from, const snapshot_column& to, const std::string& type,
                            const std::string& new_default, std::vector<std::string>& into) {
        const std::string begin = alter(column, table);
        if (!from.default_sql.empty() && !from.is_serial)
            into.push_back(fmt::format("{} DROP DEFAULT", begin));
        std::string statement = fmt::format("{} TYPE {}", begin, type);
        if (!converts_by_assignment(from.type, to.type))
            statement += fmt::format(" USING {}::{}", in_sql(column.name), to.type);
        if (!is_free(from.type, to.type))
            statement =
                marked("rewrite", fmt::format("{}: changes the type of the column {}", table, column.name), statement);
        into.push_back(statement);
        if (!new_default.empty() && !to.is_serial)
            into.push_back(fmt::format("{} SET DEFAULT {}", begin, new_default));
    };
    std::string type = ddl_.column_type(column);
    if (!column.collation.empty())
        type += fmt::format(" COLLATE {}", in_sql(column.collation));
    change(now, wanted, type, column.generated_id == orm::identity::none ? column.server_default : "", made.upgrade);
    change(wanted, now, type_with_collation(now), now.default_sql, made.downgrade);
}

void differ::change_default(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now)
{
    // The default of a serial column does what an identity does, and goes when it becomes something else.
    const bool stays_serial = now.is_serial && wanted.identity == 'd';
    if (wanted.default_sql == now.default_sql || stays_serial || !wanted.generated.empty())
        return;
    const std::string table = ddl_.name(*column.table);
    const std::string begin = alter(column, table);
    operation& made = add(phase::alter_column, fmt::format("change default of column {}.{}", table, column.name));
    made.upgrade.push_back(wanted.default_sql.empty() ? fmt::format("{} DROP DEFAULT", begin)
                                                      : fmt::format("{} SET DEFAULT {}", begin, column.server_default));
    made.downgrade.push_back(now.default_sql.empty() ? fmt::format("{} DROP DEFAULT", begin)
                                                     : fmt::format("{} SET DEFAULT {}", begin, now.default_sql));
}

void differ::change_identity(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now)
{
    if (wanted.identity == now.identity || (now.is_serial && wanted.identity == 'd'))
        return;
    const std::string table = ddl_.name(*column.table);
    const std::string begin = alter(column, table);
    const auto change = [&](char from, char to, std::vector<std::string>& into) {
        const std::string_view kind = to == 'a' ? "ALWAYS" : "BY DEFAULT";
        if (to == '\0') {
            into.push_back(fmt::format("{} DROP IDENTITY", begin));
        } else if (from != '\0') {
            into.push_back(fmt::format("{} SET GENERATED {}", begin, kind));
        } else {
            into.push_back(fmt::format("{} ADD GENERATED {} AS IDENTITY", begin, kind));
            // It goes on behind the values that are there.
            into.push_back(fmt::format("SELECT setval(pg_get_serial_sequence({}, {}), (SELECT coalesce(max({}), 0) + 1 "
                                       "FROM {}), false)",
                                       literal(table), literal(column.name), in_sql(column.name), table));
        }
    };
    operation& made = add(phase::alter_column, fmt::format("change identity of column {}.{}", table, column.name));
    change(now.identity, wanted.identity, made.upgrade);
    change(wanted.identity, now.identity, made.downgrade);
}

void differ::change_nullability(const orm::column_info& column, const snapshot_column& wanted,
                                const snapshot_column& now)
{
    if (wanted.not_null == now.not_null)
        return;
    const std::string table = ddl_.name(*column.table);
    const std::string begin = alter(column, table);
    const std::string set = fmt::format("{} SET NOT NULL", begin);
    const std::string drop = fmt::format("{} DROP NOT NULL", begin);
    if (!wanted.not_null) {
        operation& made = add(phase::alter_column, fmt::format("make column {}.{} nullable", table, column.name));
        made.upgrade.push_back(drop);
        made.downgrade.push_back(set);
        return;
    }
    const std::string summary = fmt::format("make column {}.{} NOT NULL", table, column.name);
    if (!online_) {
        operation& made = add(phase::alter_column, summary);
        made.upgrade.push_back(set);
        made.downgrade.push_back(drop);
        return;
    }
    // A valid CHECK spares SET NOT NULL its look at every row, for which it would keep everybody out.
    const std::string check =
        in_sql(fmt::format("{}_{}_is_there", column.table->name().substr(0, 24), column.name.substr(0, 24)));
    operation& promise = add(phase::add_constraint, fmt::format("{} (promise)", summary));
    promise.upgrade.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", table,
                                          check, in_sql(column.name)));
    operation& proof = add(phase::validate, fmt::format("{} (proof)", summary));
    proof.upgrade.push_back(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, check));
    operation& made = add(phase::set_not_null, summary);
    made.upgrade.push_back(set);
    made.upgrade.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, check));
    made.downgrade.push_back(drop);
}

} // namespace tusk::migrate::detail
