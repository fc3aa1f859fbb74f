#pragma once

#include <tusk/driver/oid.hpp>

/// The built-in types that have codecs, by the catalog's names. PostgreSQL fixes these numbers for good.
namespace tusk::oids {

inline constexpr oid boolean = 16;
inline constexpr oid bytea = 17;
inline constexpr oid one_byte_char = 18; ///< The catalog's `"char"`, not SQL's `char`.
inline constexpr oid name = 19;
inline constexpr oid int8 = 20;
inline constexpr oid int2 = 21;
inline constexpr oid int4 = 23;
inline constexpr oid regproc = 24;
inline constexpr oid text = 25;
inline constexpr oid object_id = 26; ///< The type that PostgreSQL calls oid.
inline constexpr oid tid = 27;
inline constexpr oid xid = 28;
inline constexpr oid cid = 29;
inline constexpr oid json = 114;
inline constexpr oid xml = 142;
inline constexpr oid pg_node_tree = 194;
inline constexpr oid point = 600;
inline constexpr oid lseg = 601;
inline constexpr oid path = 602;
inline constexpr oid box = 603;
inline constexpr oid polygon = 604;
inline constexpr oid line = 628;
inline constexpr oid cidr = 650;
inline constexpr oid float4 = 700;
inline constexpr oid float8 = 701;
inline constexpr oid unknown = 705;
inline constexpr oid circle = 718;
inline constexpr oid macaddr8 = 774;
inline constexpr oid money = 790;
inline constexpr oid macaddr = 829;
inline constexpr oid inet = 869;
inline constexpr oid bpchar = 1042;
inline constexpr oid varchar = 1043;
inline constexpr oid date = 1082;
inline constexpr oid time = 1083;
inline constexpr oid timestamp = 1114;
inline constexpr oid timestamptz = 1184;
inline constexpr oid interval = 1186;
inline constexpr oid timetz = 1266;
inline constexpr oid bit = 1560;
inline constexpr oid varbit = 1562;
inline constexpr oid numeric = 1700;
inline constexpr oid refcursor = 1790;
inline constexpr oid regprocedure = 2202;
inline constexpr oid regoper = 2203;
inline constexpr oid regoperator = 2204;
inline constexpr oid regclass = 2205;
inline constexpr oid regtype = 2206;
inline constexpr oid cstring = 2275;
inline constexpr oid void_type = 2278;
inline constexpr oid uuid = 2950;
inline constexpr oid txid_snapshot = 2970;
inline constexpr oid pg_lsn = 3220;
inline constexpr oid tsvector = 3614;
inline constexpr oid tsquery = 3615;
inline constexpr oid regconfig = 3734;
inline constexpr oid regdictionary = 3769;
inline constexpr oid jsonb = 3802;
inline constexpr oid jsonpath = 4072;
inline constexpr oid regnamespace = 4089;
inline constexpr oid regrole = 4096;
inline constexpr oid regcollation = 4191;
inline constexpr oid pg_snapshot = 5038;
inline constexpr oid xid8 = 5069;

/// Types whose values are names in text and an object identifier in binary.
constexpr bool is_registry(oid type) noexcept
{
    switch (type) {
    case regproc:
    case regprocedure:
    case regoper:
    case regoperator:
    case regclass:
    case regtype:
    case regconfig:
    case regdictionary:
    case regnamespace:
    case regrole:
    case regcollation: return true;
    default: return false;
    }
}

} // namespace tusk::oids
