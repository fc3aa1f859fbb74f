#include "unit_of_work/flush_sql.hpp"

#include "mapping/quoted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace tusk::orm::detail {

namespace {

using source = flush_value::source;

/// Writes a statement and notes where its parameters come from.
class writer
{
public:
    writer(flush_action what, const table_info& table)
    {
        made_.what = what;
        made_.table = &table;
    }

    writer& text(std::string_view more)
    {
        made_.sql += more;
        return *this;
    }
    writer& name(const column_info& column) { return text(quoted(column.name)); }
    writer& name(const table_info& table) { return text(qualified(table)); }
    writer& parameter(source from, const column_info& column)
    {
        made_.values.push_back({from, &column});
        made_.sql += fmt::format("${}", made_.values.size());
        return *this;
    }

    /// `a = $1 AND b = $2`.
    writer& row(const table_info& table, bool with_version)
    {
        std::string_view before = " WHERE ";
        for (const column_info* each : table.primary_key()) {
            text(before).name(*each).text(" = ").parameter(source::previous, *each);
            before = " AND ";
        }
        if (with_version && table.version() != nullptr)
            text(before).name(*table.version()).text(" = ").parameter(source::previous, *table.version());
        return *this;
    }

    /// Any of many values, or of many rows of values.
    writer& any(const std::vector<const column_info*>& columns, const std::vector<const column_info*>& values)
    {
        text(" WHERE ");
        if (columns.size() == 1) {
            return name(*columns.front()).text(" = ANY(").parameter(source::keys, *values.front()).text(")");
        }
        text("(").list(columns).text(") IN (SELECT * FROM unnest(");
        for (std::size_t i = 0; i < values.size(); ++i)
            text(i == 0 ? "" : ", ").parameter(source::keys, *values[i]).text("::").text(values[i]->type).text("[]");
        return text("))");
    }

    writer& list(const std::vector<const column_info*>& columns)
    {
        for (std::size_t i = 0; i < columns.size(); ++i)
            text(i == 0 ? "" : ", ").name(*columns[i]);
        return *this;
    }

    writer& returning(const std::vector<const column_info*>& columns)
    {
        if (columns.empty())
            return *this;
        made_.returning = columns;
        return text(" RETURNING ").list(columns);
    }

    flush_statement take() { return std::move(made_); }

private:
    flush_statement made_;
};

std::vector<const column_info*> near_columns(const std::vector<column_pair>& pairs)
{
    std::vector<const column_info*> all;
    for (const column_pair& each : pairs)
        all.push_back(each.near);
    return all;
}

std::vector<const column_info*> far_columns(const std::vector<column_pair>& pairs)
{
    std::vector<const column_info*> all;
    for (const column_pair& each : pairs)
        all.push_back(each.far);
    return all;
}

writer clearing(const table_info& table, const column_set& columns)
{
    writer out{flush_action::settle, table};
    out.text("UPDATE ").name(table).text(" SET ");
    std::string_view before;
    for (const column_info& each : table.columns())
        if (columns.test(each.position)) {
            out.text(before).name(each).text(" = NULL");
            before = ", ";
        }
    return out;
}

} // namespace

flush_statement insert_statement(const table_info& table, const column_set& columns)
{
    writer out{flush_action::insert, table};
    out.text("INSERT INTO ").name(table);
    std::vector<const column_info*> written;
    std::vector<const column_info*> left_out;
    bool overrides = false;
    for (const column_info& each : table.columns()) {
        if (columns.test(each.position)) {
            written.push_back(&each);
            overrides = overrides || each.generated_id == identity::always;
        } else if (each.has_server_value()) {
            left_out.push_back(&each);
        }
    }
    if (written.empty()) {
        out.text(" DEFAULT VALUES");
    } else {
        out.text(" (").list(written).text(overrides ? ") OVERRIDING SYSTEM VALUE VALUES (" : ") VALUES (");
        for (std::size_t i = 0; i < written.size(); ++i)
            out.text(i == 0 ? "" : ", ").parameter(source::member, *written[i]);
        out.text(")");
    }
    return out.returning(left_out).take();
}

flush_statement update_statement(const table_info& table, const column_set& columns, const column_set& defaults)
{
    writer out{flush_action::update, table};
    out.text("UPDATE ").name(table).text(" SET ");
    std::vector<const column_info*> computed;
    std::string_view before;
    for (const column_info& each : table.columns()) {
        if (each.is_version) {
            out.text(before).name(each).text(" = ").name(each).text(" + 1");
            computed.push_back(&each);
        } else if (defaults.test(each.position)) {
            out.text(before).name(each).text(" = DEFAULT");
            computed.push_back(&each);
        } else if (columns.test(each.position)) {
            out.text(before).name(each).text(" = ").parameter(source::member, each);
        } else if (!each.on_update.empty()) {
            out.text(before).name(each).text(" = ").text(each.on_update);
            computed.push_back(&each);
        } else {
            if (!each.generated.empty())
                computed.push_back(&each);
            continue;
        }
        before = ", ";
    }
    return out.row(table, true).returning(computed).take();
}

flush_statement remove_statement(const table_info& table)
{
    writer out{flush_action::remove, table};
    return out.text("DELETE FROM ").name(table).row(table, true).take();
}

flush_statement clear_statement(const table_info& table, const column_set& columns)
{
    return clearing(table, columns).row(table, false).take();
}

flush_statement link_statement(const relation_info& relation)
{
    writer out{flush_action::link, *relation.secondary};
    std::vector<const column_info*> columns = far_columns(relation.pairs);
    for (const column_pair& each : relation.secondary_pairs)
        columns.push_back(each.near);
    out.text("INSERT INTO ").name(*relation.secondary).text(" (").list(columns).text(") VALUES (");
    std::string_view before;
    for (const column_pair& each : relation.pairs) {
        out.text(before).parameter(source::member, *each.near);
        before = ", ";
    }
    for (const column_pair& each : relation.secondary_pairs)
        out.text(before).parameter(source::other, *each.far);
    // Two entities are linked or not: that somebody else has done it meanwhile is no failure.
    flush_statement made = out.text(") ON CONFLICT DO NOTHING").take();
    made.relation = &relation;
    return made;
}

flush_statement unlink_statement(const relation_info& relation)
{
    writer out{flush_action::unlink, *relation.secondary};
    out.text("DELETE FROM ").name(*relation.secondary);
    std::string_view before = " WHERE ";
    for (const column_pair& each : relation.pairs) {
        out.text(before).name(*each.far).text(" = ").parameter(source::member, *each.near);
        before = " AND ";
    }
    for (const column_pair& each : relation.secondary_pairs)
        out.text(before).name(*each.near).text(" = ").parameter(source::other, *each.far);
    flush_statement made = out.take();
    made.relation = &relation;
    return made;
}

flush_statement find_far_statement(const relation_info& relation, const std::vector<const column_info*>& wanted)
{
    writer out{flush_action::find_far, *relation.target};
    out.text("SELECT ").list(wanted).text(" FROM ").name(*relation.target);
    if (relation.secondary != nullptr) {
        const std::vector<const column_info*> key = far_columns(relation.secondary_pairs);
        out.text(key.size() == 1 ? " WHERE " : " WHERE (").list(key).text(key.size() == 1 ? "" : ")");
        out.text(" IN (SELECT ").list(near_columns(relation.secondary_pairs));
        out.text(" FROM ").name(*relation.secondary);
    }
    out.any(far_columns(relation.pairs), near_columns(relation.pairs));
    flush_statement made = (relation.secondary != nullptr ? out.text(")") : out).take();
    made.returning = wanted;
    made.relation = &relation;
    return made;
}

flush_statement remove_far_statement(const relation_info& relation)
{
    writer out{flush_action::remove_far, *relation.target};
    out.text("DELETE FROM ").name(*relation.target).any(far_columns(relation.pairs), near_columns(relation.pairs));
    flush_statement made = out.returning(relation.target->primary_key()).take();
    made.relation = &relation;
    return made;
}

flush_statement release_far_statement(const relation_info& relation)
{
    writer out{flush_action::release_far, *relation.target};
    out.text("UPDATE ").name(*relation.target).text(" SET ");
    std::string_view before;
    for (const column_pair& each : relation.pairs) {
        out.text(before).name(*each.far).text(" = NULL");
        before = ", ";
    }
    for (const column_info& each : relation.target->columns())
        if (!each.on_update.empty())
            out.text(", ").name(each).text(" = ").text(each.on_update);
    out.any(far_columns(relation.pairs), near_columns(relation.pairs));
    flush_statement made = out.returning(relation.target->primary_key()).take();
    made.relation = &relation;
    return made;
}

flush_statement clear_by_key_statement(const table_info& table, const column_set& columns)
{
    return clearing(table, columns).any(table.primary_key(), table.primary_key()).take();
}

flush_statement remove_by_key_statement(const table_info& table)
{
    writer out{flush_action::remove_far, table};
    out.text("DELETE FROM ").name(table).any(table.primary_key(), table.primary_key());
    return out.returning(table.primary_key()).take();
}

} // namespace tusk::orm::detail
