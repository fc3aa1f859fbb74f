#include "types/cpp_type.hpp"

#include "types/oids.hpp"

namespace tusk::types {

std::string_view cpp_type(oid type) noexcept
{
    if (oids::is_registry(type))
        return "std::uint32_t";
    switch (type) {
    case oids::boolean: return "bool";
    case oids::int2: return "std::int16_t";
    case oids::int4: return "std::int32_t";
    case oids::int8: return "std::int64_t";
    case oids::float4: return "float";
    case oids::float8: return "double";
    case oids::numeric: return "tusk::numeric";
    case oids::money: return "tusk::money";
    case oids::object_id:
    case oids::xid:
    case oids::cid: return "std::uint32_t";
    case oids::xid8: return "std::uint64_t";
    case oids::one_byte_char: return "char";
    case oids::text:
    case oids::varchar:
    case oids::bpchar:
    case oids::name:
    case oids::refcursor:
    case oids::cstring:
    case oids::unknown:
    case oids::pg_node_tree:
    case oids::void_type:
    case oids::json:
    case oids::jsonb:
    case oids::jsonpath:
    case oids::xml:
    case oids::tsvector:
    case oids::tsquery: return "std::string";
    case oids::bytea: return "std::vector<std::byte>";
    case oids::uuid: return "tusk::uuid";
    case oids::date: return "tusk::date";
    case oids::time: return "tusk::time_of_day";
    case oids::timetz: return "tusk::timetz";
    case oids::timestamp: return "tusk::timestamp";
    case oids::timestamptz: return "tusk::timestamptz";
    case oids::interval: return "tusk::interval";
    case oids::bit:
    case oids::varbit: return "tusk::bit_string";
    case oids::inet: return "tusk::inet";
    case oids::cidr: return "tusk::cidr";
    case oids::macaddr: return "tusk::macaddr";
    case oids::macaddr8: return "tusk::macaddr8";
    case oids::point: return "tusk::point";
    case oids::line: return "tusk::line";
    case oids::lseg: return "tusk::lseg";
    case oids::box: return "tusk::box";
    case oids::path: return "tusk::path";
    case oids::polygon: return "tusk::polygon";
    case oids::circle: return "tusk::circle";
    case oids::pg_lsn: return "tusk::pg_lsn";
    case oids::tid: return "tusk::tid";
    case oids::pg_snapshot:
    case oids::txid_snapshot: return "tusk::pg_snapshot";
    default: return {};
    }
}

} // namespace tusk::types
