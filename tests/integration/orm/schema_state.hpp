#pragma once

#include <string_view>

namespace tusk::test {

/// Everything that the catalog knows of the schemas of a test, column positions apart.
inline constexpr std::string_view schema_state = R"(
SELECT * FROM (
SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
UNION ALL
SELECT 'table ' || c.oid::regclass || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('public', 'sales', 'hr') AND c.relname NOT LIKE 'tusk%'
UNION ALL
SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                 a.attidentity, a.attgenerated, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
                 col_description(a.attrelid, a.attnum))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('public', 'sales', 'hr')
  AND c.relname NOT LIKE 'tusk%' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace::regnamespace::text IN ('public', 'sales', 'hr') AND conrelid::regclass::text NOT LIKE 'tusk%'
  AND contype <> 'n'
UNION ALL
SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid, obj_description(indexrelid, 'pg_class'))
FROM pg_index JOIN pg_class c ON c.oid = indrelid
WHERE c.relnamespace::regnamespace::text IN ('public', 'sales', 'hr') AND c.relname NOT LIKE 'tusk%'
UNION ALL
SELECT concat_ws(' ', 'enum', t.oid::regtype, array_agg(e.enumlabel ORDER BY e.enumsortorder))
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.oid
) AS all_of_it ORDER BY 1)";

} // namespace tusk::test
