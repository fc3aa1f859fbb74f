#include <tusk/driver/type_name.hpp>

#include "types/builtin_types.hpp"
#include "types/oids.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace oids = tusk::oids;
using tusk::describe_type;
using tusk::has_binary_output;
using tusk::type_name;
using tusk::type_oid;

namespace {

constexpr tusk::oid first_of_users = 16384;

TEST(builtin_types, have_sql_names)
{
    EXPECT_EQ(type_name(oids::int4), "integer");
    EXPECT_EQ(type_name(oids::timestamptz), "timestamp with time zone");
    EXPECT_EQ(type_name(oids::varchar), "character varying");
    EXPECT_EQ(type_name(oids::one_byte_char), "\"char\"");
    EXPECT_EQ(type_name(1007), "integer[]");
    EXPECT_EQ(type_name(0), "");
    EXPECT_EQ(type_name(first_of_users), "");
    EXPECT_EQ(type_name(~tusk::oid{}), "");
}

TEST(builtin_types, are_described_for_messages)
{
    EXPECT_EQ(describe_type(oids::float8), "double precision");
    EXPECT_EQ(describe_type(16385), "type with OID 16385");
    EXPECT_EQ(describe_type(4294967295U), "type with OID 4294967295");
    EXPECT_EQ(describe_type(0), "an unspecified type");
}

TEST(builtin_types, every_constant_is_the_type_of_its_name)
{
    const std::pair<tusk::oid, const char*> expected[] = {
        {oids::boolean, "boolean"},
        {oids::bytea, "bytea"},
        {oids::one_byte_char, "\"char\""},
        {oids::name, "name"},
        {oids::int8, "bigint"},
        {oids::int2, "smallint"},
        {oids::int4, "integer"},
        {oids::regproc, "regproc"},
        {oids::text, "text"},
        {oids::object_id, "oid"},
        {oids::tid, "tid"},
        {oids::xid, "xid"},
        {oids::cid, "cid"},
        {oids::json, "json"},
        {oids::xml, "xml"},
        {oids::pg_node_tree, "pg_node_tree"},
        {oids::point, "point"},
        {oids::lseg, "lseg"},
        {oids::path, "path"},
        {oids::box, "box"},
        {oids::polygon, "polygon"},
        {oids::line, "line"},
        {oids::cidr, "cidr"},
        {oids::float4, "real"},
        {oids::float8, "double precision"},
        {oids::unknown, "unknown"},
        {oids::circle, "circle"},
        {oids::macaddr8, "macaddr8"},
        {oids::money, "money"},
        {oids::macaddr, "macaddr"},
        {oids::inet, "inet"},
        {oids::bpchar, "character"},
        {oids::varchar, "character varying"},
        {oids::date, "date"},
        {oids::time, "time without time zone"},
        {oids::timestamp, "timestamp without time zone"},
        {oids::timestamptz, "timestamp with time zone"},
        {oids::interval, "interval"},
        {oids::timetz, "time with time zone"},
        {oids::bit, "bit"},
        {oids::varbit, "bit varying"},
        {oids::numeric, "numeric"},
        {oids::refcursor, "refcursor"},
        {oids::regprocedure, "regprocedure"},
        {oids::regoper, "regoper"},
        {oids::regoperator, "regoperator"},
        {oids::regclass, "regclass"},
        {oids::regtype, "regtype"},
        {oids::cstring, "cstring"},
        {oids::void_type, "void"},
        {oids::uuid, "uuid"},
        {oids::txid_snapshot, "txid_snapshot"},
        {oids::pg_lsn, "pg_lsn"},
        {oids::tsvector, "tsvector"},
        {oids::tsquery, "tsquery"},
        {oids::regconfig, "regconfig"},
        {oids::regdictionary, "regdictionary"},
        {oids::jsonb, "jsonb"},
        {oids::jsonpath, "jsonpath"},
        {oids::regnamespace, "regnamespace"},
        {oids::regrole, "regrole"},
        {oids::regcollation, "regcollation"},
        {oids::pg_snapshot, "pg_snapshot"},
        {oids::xid8, "xid8"},
    };
    for (const auto& [number, name] : expected)
        EXPECT_EQ(type_name(number), name) << number;
}

TEST(builtin_types, are_found_by_every_spelling)
{
    for (const char* name : {"integer", "int", "int4", "INTEGER", " Int4 ", "\tint\n"})
        EXPECT_EQ(type_oid(name), oids::int4) << name;
    for (const char* name : {"timestamp with time zone", "timestamptz", "TIMESTAMP  WITH\nTIME ZONE"})
        EXPECT_EQ(type_oid(name), oids::timestamptz) << name;
    EXPECT_EQ(type_oid("timestamp"), oids::timestamp);
    EXPECT_EQ(type_oid("timestamp without time zone"), oids::timestamp);
    EXPECT_EQ(type_oid("varchar"), oids::varchar);
    EXPECT_EQ(type_oid("national character varying"), oids::varchar);
    EXPECT_EQ(type_oid("interval"), 1186U);
    EXPECT_EQ(type_oid("decimal"), oids::numeric);
    EXPECT_EQ(type_oid("float"), oids::float8);
    EXPECT_EQ(type_oid("real"), oids::float4);
    EXPECT_EQ(type_oid("bit varying"), 1562U);
    EXPECT_EQ(type_oid("time with time zone"), 1266U);
}

TEST(builtin_types, char_means_what_it_means_in_sql)
{
    EXPECT_EQ(type_oid("char"), oids::bpchar);
    EXPECT_EQ(type_oid("character"), oids::bpchar);
    EXPECT_EQ(type_oid("\"char\""), oids::one_byte_char);
    EXPECT_EQ(type_oid("\"CHAR\""), 0U) << "case counts inside quotes";
    EXPECT_EQ(type_oid("\"char\"[]"), 1002U);
}

TEST(builtin_types, arrays_are_found_by_both_spellings)
{
    for (const char* name : {"integer[]", "int[]", "int4 []", "int4[ ]", "_int4", "INT[][]"})
        EXPECT_EQ(type_oid(name), 1007U) << name;
    EXPECT_EQ(type_oid("timestamp with time zone[]"), 1185U);
    EXPECT_EQ(type_oid("text[]"), 1009U);
    EXPECT_EQ(tusk::array_type_oid(oids::int4), 1007U);
    EXPECT_EQ(tusk::array_type_oid(1007), 0U) << "there are no arrays of arrays";
    EXPECT_EQ(tusk::array_type_oid(first_of_users), 0U);
}

TEST(builtin_types, unknown_names_are_zero)
{
    for (const char* name :
         {"", " ", "[]", "integers", "hstore", "numeric(10,2)", "int4]", "int 4", "_int4[]x", "[]int"})
        EXPECT_EQ(type_oid(name), 0U) << name;
}

TEST(builtin_types, every_name_leads_back_to_its_type)
{
    int known = 0;
    for (tusk::oid type = 1; type != 10'000; ++type) {
        const std::string_view name = type_name(type);
        if (name.empty())
            continue;
        ++known;
        EXPECT_EQ(type_oid(name), type) << name;
    }
    EXPECT_GE(known, 190);
}

TEST(builtin_types, binary_output_is_promised_only_where_it_is_sure)
{
    for (const tusk::oid type : {oids::int4, oids::text, oids::timestamptz, oids::numeric, tusk::oid{1007}})
        EXPECT_TRUE(has_binary_output(type)) << type;
    EXPECT_FALSE(has_binary_output(1033)) << "aclitem has no send function";
    EXPECT_FALSE(has_binary_output(1034)) << "nor has its array";
    EXPECT_FALSE(has_binary_output(83)) << "and a row of pg_class has a column of it";
    EXPECT_FALSE(has_binary_output(first_of_users)) << "only the catalog knows";
    EXPECT_FALSE(has_binary_output(0));
}

} // namespace
