#pragma once

#include "support/query_cases/cases.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

/// Conditions on one table, each as `SELECT employee.id ... WHERE`.
class condition_cases
{
public:
    explicit condition_cases(query_cases& to) : to_{to} {}

    void add(std::string_view name, const orm::expr<bool>& condition, const std::string& expected)
    {
        using staff::employee;
        to_.add(name, orm::select(orm::col<&employee::id>).where(condition),
                "SELECT staff.employee.id FROM staff.employee WHERE " + expected);
    }

private:
    query_cases& to_;
};

inline query_cases comparisons()
{
    using orm::col;
    using staff::employee;
    using staff::mood;
    query_cases all;
    condition_cases to{all};
    constexpr auto id = col<&employee::id>;
    constexpr auto name = col<&employee::name>;
    constexpr auto nick = col<&employee::nick>;
    constexpr auto rank = col<&employee::rank>;
    const std::string e = "staff.employee.";

    to.add("equal", id == 5, e + "id = $1");
    to.add("not equal", id != 5, e + "id <> $1");
    to.add("less", id < 5, e + "id < $1");
    to.add("less or equal", id <= 5, e + "id <= $1");
    to.add("greater", id > 5, e + "id > $1");
    to.add("greater or equal", id >= 5, e + "id >= $1");
    to.add("value first", 5 == id, "$1 = " + e + "id");
    to.add("value first, less", 5 < id, "$1 < " + e + "id");
    to.add("column and column", id == col<&employee::manager_id>, e + "id = " + e + "manager_id");
    to.add("quoted name", rank == 3, e + "\"order\" = $1");
    to.add("wider number than the column", rank == std::int64_t{5'000'000'000}, e + "\"order\" = $1");
    to.add("integer with digits", rank > 1.5, e + "\"order\" > $1");
    to.add("numeric and integer", col<&employee::salary> >= 1000, e + "salary >= $1");
    to.add("numeric and double", col<&employee::salary> >= 0.5, e + "salary >= $1");
    to.add("double and integer", col<&employee::score> < 1, e + "score < $1");
    to.add("text", name == "ann", e + "name = $1");
    to.add("text of a string", name == std::string{"ann"}, e + "name = $1");
    to.add("null", nick == std::nullopt, e + "nick IS NULL");
    to.add("null first", std::nullopt == nick, e + "nick IS NULL");
    to.add("not null", nick != std::nullopt, e + "nick IS NOT NULL");
    to.add("empty optional", nick == std::optional<std::string>{}, e + "nick IS NULL");
    to.add("full optional", nick == std::optional<std::string>{"x"}, e + "nick = $1");
    to.add("is_null", nick.is_null(), e + "nick IS NULL");
    to.add("is_not_null", nick.is_not_null(), e + "nick IS NOT NULL");
    to.add("distinct", nick.is_distinct_from("x"), e + "nick IS DISTINCT FROM $1");
    to.add("not distinct", nick.is_not_distinct_from(name), e + "nick IS NOT DISTINCT FROM " + e + "name");
    to.add("enum", col<&employee::feels> == mood::glum, e + "feels = $1");
    to.add("date", col<&employee::hired> < std::chrono::sys_days{std::chrono::days{19'000}}, e + "hired < $1");
    to.add("date and moment", col<&employee::hired> < col<&employee::seen>, e + "hired < " + e + "seen");
    to.add("moment", col<&employee::seen> > tusk::timestamptz{}, e + "seen > $1");
    to.add("of now", col<&employee::seen> > orm::now() - orm::interval(std::chrono::hours{1}), e + "seen > now() - $1");
    to.add("age", orm::now() - col<&employee::seen> > orm::interval(std::chrono::days{7}),
           "now() - " + e + "seen > $1");

    to.add("and", id == 1 && name == "a", e + "id = $1 AND " + e + "name = $2");
    to.add("or in and", id == 1 && (name == "a" || name == "b"),
           e + "id = $1 AND (" + e + "name = $2 OR " + e + "name = $3)");
    to.add("and in or", (id == 1 && name == "a") || name == "b",
           e + "id = $1 AND " + e + "name = $2 OR " + e + "name = $3");
    to.add("not", !(id == 1), "NOT " + e + "id = $1");
    to.add("not of and", !(id == 1 && name == "a"), "NOT (" + e + "id = $1 AND " + e + "name = $2)");
    to.add("not not", !!(id == 1), "NOT (NOT " + e + "id = $1)");
    to.add("and_, or_, not_", orm::and_(id == 1, orm::or_(id == 2, id == 3), orm::not_(id == 4)),
           e + "id = $1 AND (" + e + "id = $2 OR " + e + "id = $3) AND NOT " + e + "id = $4");
    to.add("true_", orm::true_() && id == 1, "true AND " + e + "id = $1");
    to.add("false_", orm::false_() || id == 1, "false OR " + e + "id = $1");
    to.add("null of a comparison", (id == 1).is_null(), "(" + e + "id = $1) IS NULL");
    to.add("comparison of comparisons", (id == 1) == (id == 2), "(" + e + "id = $1) = (" + e + "id = $2)");

    const std::vector<std::int64_t> some{1, 2, 3};
    to.add("in", id.in(some), e + "id = ANY($1)");
    to.add("in nothing", id.in(std::vector<std::int64_t>{}), e + "id = ANY($1)");
    to.add("not in", id.not_in(some), e + "id <> ALL($1)");
    to.add("in narrower numbers", id.in(std::vector<int>{1, 2}), e + "id = ANY($1)");
    to.add("in texts", name.in(std::vector<const char*>{"a", "b"}), e + "name = ANY($1)");
    to.add("in enums", col<&employee::feels>.in(std::vector<mood>{mood::happy}), e + "feels = ANY($1)");
    to.add("in of an optional column", nick.in(std::vector<std::string>{"x"}), e + "nick = ANY($1)");
    to.add("between", id.between(1, 5), e + "id BETWEEN $1 AND $2");
    to.add("not between", id.not_between(1, rank), e + "id NOT BETWEEN $1 AND " + e + "\"order\"");
    to.add("in a query", id.in(orm::select(col<&employee::manager_id>)),
           e + "id IN (SELECT staff.employee.manager_id FROM staff.employee)");
    to.add("not in a query", id.not_in(orm::select(col<&blog::user::id>).where(col<&blog::user::name> == "x")),
           e + "id NOT IN (SELECT users.id FROM users WHERE users.name = $1)");
    to.add("any of a query", id > orm::any(orm::select(col<&blog::user::id>)),
           e + "id > ANY (SELECT users.id FROM users)");
    to.add("all of a query", id > orm::all(orm::select(col<&blog::user::id>)),
           e + "id > ALL (SELECT users.id FROM users)");
    to.add("row in order", orm::row(col<&employee::seen>, id).less_than(tusk::timestamptz{}, 7),
           "(" + e + "seen, " + e + "id) < ($1, $2)");
    to.add("row, later", orm::row(rank, id).greater_than(3, 7), "(" + e + "\"order\", " + e + "id) > ($1, $2)");
    to.add("row, equal", orm::row(rank, id).equal_to(3, 7), "(" + e + "\"order\", " + e + "id) = ($1, $2)");
    to.add("row in a query", orm::row(id, name).in(orm::select(col<&blog::user::id>, col<&blog::user::name>)),
           "(" + e + "id, " + e + "name) IN (SELECT users.id, users.name FROM users)");

    to.add("like", name.like("a%"), e + "name LIKE $1");
    to.add("not like", name.not_like("a%"), e + "name NOT LIKE $1");
    to.add("ilike", name.ilike("a%"), e + "name ILIKE $1");
    to.add("not ilike", name.not_ilike("a%"), e + "name NOT ILIKE $1");
    to.add("like of an expression", name.like(nick || "%"), e + "name LIKE " + e + "nick || $1");
    to.add("startswith", name.startswith("a"), e + "name LIKE $1");
    to.add("endswith", name.endswith("a"), e + "name LIKE $1");
    to.add("contains", name.contains("a"), e + "name LIKE $1");
    to.add("icontains", name.icontains("a"), e + "name ILIKE $1");
    to.add("istartswith", name.istartswith("a"), e + "name ILIKE $1");
    to.add("iendswith", name.iendswith("a"), e + "name ILIKE $1");
    to.add("matches", name.matches("^a"), e + "name ~ $1");
    to.add("imatches", name.imatches("^a"), e + "name ~* $1");
    to.add("not matches", name.not_matches("^a"), e + "name !~ $1");
    to.add("not imatches", name.not_imatches("^a"), e + "name !~* $1");
    to.add("collate", name.collate("C") < "b", e + "name COLLATE \"C\" < $1");
    to.add("custom operator", name.op<bool>("^@", "a"), e + "name ^@ $1");
    return all;
}

inline query_cases types_of_postgres()
{
    using orm::col;
    using staff::employee;
    query_cases all;
    condition_cases to{all};
    constexpr auto skills = col<&employee::skills>;
    const auto profile = orm::json(col<&employee::profile>);
    const std::string e = "staff.employee.";
    const std::vector<std::string> two{"a", "b"};

    to.add("array contains", skills.contains(two), e + "skills @> $1");
    to.add("array contained", skills.contained_by(two), e + "skills <@ $1");
    to.add("array overlaps", skills.overlaps(two), e + "skills && $1");
    to.add("array any", orm::literal("a") == orm::any(skills), "$1 = ANY(" + e + "skills)");
    to.add("array any, value", "a" == orm::any(skills), "$1 = ANY(" + e + "skills)");
    to.add("array all", orm::literal("a") != orm::all(skills), "$1 <> ALL(" + e + "skills)");
    to.add("array element", skills[1] == "a", e + "skills[$1] = $2");
    to.add("array joined", (skills || two) == two, e + "skills || $1 = $2");
    to.add("array made", orm::array_of(col<&employee::name>, "x").contains(two), "ARRAY[" + e + "name, $1] @> $2");
    to.add("array size", orm::cardinality(skills) > 1, "cardinality(" + e + "skills) > $1");
    to.add("range contains", col<&employee::away>.contains(tusk::date{}), e + "away @> $1");
    to.add("range overlaps", col<&employee::away>.overlaps(tusk::range<tusk::date>{}), e + "away && $1");

    to.add("json at", profile.at("a").is_not_null(), e + "profile -> $1 IS NOT NULL");
    to.add("json element", profile.at("a").text_at(0) == "x", e + "profile -> $1 ->> $2 = $3");
    to.add("json text", profile.text_at("a") == "x", e + "profile ->> $1 = $2");
    to.add("json path", profile.path("a", "b").is_null(), e + "profile #> $1 IS NULL");
    to.add("json path text", profile.text_path("a", "b") == "x", e + "profile #>> $1 = $2");
    to.add("json contains", profile.contains("{\"a\": 1}"), e + "profile @> $1");
    to.add("json contained", profile.contained_by("{\"a\": 1}"), e + "profile <@ $1");
    to.add("json key", profile.has_key("a"), e + "profile ? $1");
    to.add("json any key", profile.has_any_key("a", "b"), e + "profile ?| $1");
    to.add("json all keys", profile.has_all_keys("a", "b"), e + "profile ?& $1");
    to.add("json path exists", profile.path_exists("$.a"), e + "profile @? $1");
    to.add("json path matches", profile.path_matches("$.a > 1"), e + "profile @@ $1");
    to.add("json without", profile.delete_path("a", "b").has_key("c"), e + "profile #- $1 ? $2");

    const auto document = orm::to_tsvector("english", col<&employee::name>);
    to.add("text search", orm::text_matches(document, orm::websearch_to_tsquery("english", "a or b")),
           "to_tsvector('english', " + e + "name) @@ websearch_to_tsquery('english', $1)");
    to.add("text search, plain", orm::text_matches(document, orm::plainto_tsquery("english", "a b")),
           "to_tsvector('english', " + e + "name) @@ plainto_tsquery('english', $1)");
    to.add("text search, phrase", orm::text_matches(document, orm::phraseto_tsquery("english", "a b")),
           "to_tsvector('english', " + e + "name) @@ phraseto_tsquery('english', $1)");
    to.add("text search, query", orm::text_matches(document, orm::to_tsquery("english", "a & !b")),
           "to_tsvector('english', " + e + "name) @@ to_tsquery('english', $1)");
    to.add("text search, rank", orm::ts_rank(document, orm::to_tsquery("english", "a")) > 0.5,
           "ts_rank(to_tsvector('english', " + e + "name), to_tsquery('english', $1)) > $2");
    return all;
}

} // namespace tusk::test
