#include "migrate/catalog.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <unordered_map>

namespace tusk::migrate::detail {

namespace {

// What an extension has made is its own business.
constexpr std::string_view tables_sql = R"(
SELECT c.oid, CASE WHEN n.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname::text END, c.relname::text,
       coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (n.nspname::text = ANY ($1) OR 'pg_temp' = ANY ($1) AND n.oid = pg_my_temp_schema())
  AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname)";

constexpr std::string_view columns_sql = R"(
SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod),
       coalesce(CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(l.collname) END, ''), a.attnotnull,
       coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated::text, a.attidentity::text,
       EXISTS (SELECT FROM pg_depend o JOIN pg_class s ON s.oid = o.objid AND s.relkind = 'S'
               WHERE o.classid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
                 AND o.deptype = 'a'),
       coalesce(col_description(a.attrelid, a.attnum), '')
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";

constexpr std::string_view constraints_sql = R"(
SELECT c.conrelid, c.conname::text, c.contype::text, pg_get_constraintdef(c.oid), c.convalidated,
       ARRAY (SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place),
       coalesce(CASE WHEN n.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname::text END, ''),
       coalesce(r.relname::text, ''),
       ARRAY (SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
              JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place)
FROM pg_constraint c LEFT JOIN pg_class r ON r.oid = c.confrelid LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.conrelid = ANY ($1) AND c.contype IN ('p', 'u', 'c', 'x', 'f') AND c.conparentid = 0
ORDER BY c.conrelid, position(c.contype::text IN 'pucxf'), c.conname)";

constexpr std::string_view indexes_sql = R"(
SELECT i.indrelid, c.relname::text, i.indisunique, pg_get_indexdef(i.indexrelid),
       coalesce(obj_description(i.indexrelid, 'pg_class'), '')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, c.relname)";

constexpr std::string_view enums_sql = R"(
SELECT CASE WHEN n.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname::text END, t.typname::text,
       ARRAY (SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE (n.nspname::text = ANY ($1) OR 'pg_temp' = ANY ($1) AND n.oid = pg_my_temp_schema()) AND t.typtype = 'e'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY n.nspname, t.typname)";

/// What stands behind the columns that a foreign key refers to.
std::string actions_of(std::string_view definition)
{
    const auto refers = definition.find(" REFERENCES ");
    const auto end = definition.find(')', refers == std::string_view::npos ? 0 : refers);
    std::string text{definition.substr(std::min(end + 1, definition.size()))};
    if (const auto mark = text.find(" NOT VALID"); mark != std::string::npos)
        text.erase(mark);
    return text;
}

char first_of(const std::string& text) { return text.empty() ? '\0' : text.front(); }

} // namespace

asio::awaitable<snapshot> read_catalog(transaction& in, std::vector<std::string> schemas)
{
    snapshot made;
    std::vector<tusk::oid> ids;
    const result tables = co_await in.query(tables_sql, schemas);
    std::unordered_map<tusk::oid, std::size_t> places;
    for (auto [id, schema, name, comment] : tables.as<tusk::oid, std::string, std::string, std::string>()) {
        places[id] = made.tables.size();
        ids.push_back(id);
        snapshot_table& one = made.tables.emplace_back();
        one.schema = schema;
        one.name = name;
        one.comment = comment;
    }
    const auto table_at = [&](tusk::oid id) -> snapshot_table& { return made.tables[places.at(id)]; };

    const result columns = co_await in.query(columns_sql, ids);
    for (auto [of, name, type, collation, not_null, value, generated, identity, owns_sequence, comment] :
         columns.as<tusk::oid, std::string, std::string, std::string, bool, std::string, std::string, std::string, bool,
                    std::string>()) {
        snapshot_column& one = table_at(of).columns.emplace_back();
        one.name = name;
        one.type = type;
        one.collation = collation;
        one.not_null = not_null;
        (generated.empty() ? one.default_sql : one.generated) = value;
        one.identity = first_of(identity);
        one.is_serial = owns_sequence && one.default_sql.starts_with("nextval(");
        one.comment = comment;
    }

    const result constraints = co_await in.query(constraints_sql, ids);
    for (auto [of, name, kind, definition, valid, own, schema, table, referred] :
         constraints.as<tusk::oid, std::string, std::string, std::string, bool, std::vector<std::string>, std::string,
                        std::string, std::vector<std::string>>()) {
        snapshot_constraint& one = table_at(of).constraints.emplace_back();
        one.name = name;
        one.kind = first_of(kind);
        one.definition = definition;
        one.is_valid = valid;
        if (const auto mark = one.definition.find(" NOT VALID"); !valid && mark != std::string::npos)
            one.definition.erase(mark);
        one.columns = own;
        one.referred_schema = schema;
        one.referred_table = table;
        one.referred_columns = referred;
        if (one.kind == 'f')
            one.actions = actions_of(definition);
    }

    const result indexes = co_await in.query(indexes_sql, ids);
    for (auto [of, name, unique, definition, comment] :
         indexes.as<tusk::oid, std::string, bool, std::string, std::string>()) {
        snapshot_index& one = table_at(of).indexes.emplace_back();
        one.name = name;
        one.is_unique = unique;
        const auto begin = definition.find(" USING ");
        one.definition = definition.substr(begin == std::string::npos ? 0 : begin + 1);
        one.comment = comment;
    }

    const result enums = co_await in.query(enums_sql, schemas);
    for (auto [schema, name, labels] : enums.as<std::string, std::string, std::vector<std::string>>()) {
        snapshot_enum& one = made.enums.emplace_back();
        one.schema = schema;
        one.name = name;
        one.labels = labels;
    }
    co_return made;
}

} // namespace tusk::migrate::detail
