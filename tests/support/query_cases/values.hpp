#pragma once

#include "support/query_cases/cases.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace tusk::test {

/// Expressions as outputs: `SELECT ... FROM employee`.
inline query_cases values()
{
    using orm::col;
    using staff::employee;
    query_cases all;
    const std::string e = "staff.employee.";
    const auto add = [&](std::string_view name, const auto& value, const std::string& expected) {
        all.add(name, orm::select(value).template select_from<employee>(),
                "SELECT " + expected + " FROM staff.employee");
    };
    constexpr auto id = col<&employee::id>;
    constexpr auto name = col<&employee::name>;
    constexpr auto nick = col<&employee::nick>;
    constexpr auto rank = col<&employee::rank>;
    constexpr auto salary = col<&employee::salary>;

    add("add", rank + 1, e + "\"order\" + $1");
    add("subtract", 1 - rank, "$1 - " + e + "\"order\"");
    add("multiply a sum", (rank + 1) * 2, "(" + e + "\"order\" + $1) * $2");
    add("add a product", rank + rank * 2, e + "\"order\" + " + e + "\"order\" * $1");
    add("left to right", rank - (rank - 1), e + "\"order\" - (" + e + "\"order\" - $1)");
    add("divide", salary / 2, e + "salary / $1");
    add("divide by a double", col<&employee::score> / 2, e + "score / $1");
    add("modulo", id % 10, e + "id % $1");
    add("negative", -rank, "-" + e + "\"order\"");
    add("negative sum", -(rank + 1), "-(" + e + "\"order\" + $1)");
    add("different integers", id + rank, e + "id + " + e + "\"order\"");
    add("day and days", col<&employee::hired> + 7, e + "hired + $1");
    add("days between", col<&employee::hired> - col<&employee::hired>, e + "hired - " + e + "hired");
    add("moment and interval", col<&employee::seen> + orm::interval(std::chrono::hours{1}), e + "seen + $1");
    add("interval times", orm::literal(orm::interval(std::chrono::hours{1})) * 2, "$1 * $2");
    add("concatenate", name || " " || nick, e + "name || $1 || " + e + "nick");
    add("label", (rank + 1).as("next rank"), e + "\"order\" + $1 AS \"next rank\"");
    add("cast", orm::cast<std::string>(rank, "text"), "CAST(" + e + "\"order\" AS text)");
    add("null", orm::null<int>("integer"), "CAST(NULL AS integer)");
    add("literal", orm::literal(5), "$1");
    add("constant", orm::sql<int>("1 + 1"), "1 + 1");
    add("case", orm::case_().when(rank > 5, "high").when(rank > 2, "middle").else_("low"),
        "CASE WHEN " + e + "\"order\" > $1 THEN $2 WHEN " + e + "\"order\" > $3 THEN $4 ELSE $5 END");
    add("case without else", orm::case_().when(rank > 5, name).end(),
        "CASE WHEN " + e + "\"order\" > $1 THEN " + e + "name END");
    add("case of a value", orm::case_(rank).when(1, "one").else_(name),
        "CASE " + e + "\"order\" WHEN $1 THEN $2 ELSE " + e + "name END");
    add("coalesce", orm::coalesce(nick, name, "nobody"), "coalesce(" + e + "nick, " + e + "name, $1)");
    add("nullif", orm::nullif(name, ""), "nullif(" + e + "name, $1)");
    add("greatest", orm::greatest(rank, 1), "greatest(" + e + "\"order\", $1)");
    add("least", orm::least(rank, 1), "least(" + e + "\"order\", $1)");
    add("extract", orm::extract("year", col<&employee::hired>), "EXTRACT(year FROM " + e + "hired)");
    add("date_trunc", orm::date_trunc("month", col<&employee::seen>), "date_trunc('month', " + e + "seen)");
    add("func", orm::func<std::string>("initcap", name), "initcap(" + e + "name)");
    add("func of values", orm::func<std::string>("replace", name, "a", "b"), "replace(" + e + "name, $1, $2)");
    add("func of a schema", orm::func<int>("pg_catalog.length", name), "pg_catalog.length(" + e + "name)");
    add("lower", orm::lower(name), "lower(" + e + "name)");
    add("upper", orm::upper(nick), "upper(" + e + "nick)");
    add("char_length", orm::char_length(name), "char_length(" + e + "name)");
    add("strpos", orm::strpos(name, "a"), "strpos(" + e + "name, $1)");
    add("concat", orm::concat(name, nick, "x"), "concat(" + e + "name, " + e + "nick, $1)");
    add("abs", orm::abs(rank), "abs(" + e + "\"order\")");
    add("random", orm::random(), "random()");
    add("fragment", orm::sql_fragment<bool>("lower({}) = {}", name, "ann"), "lower(" + e + "name) = $1");
    add("fragment with braces", orm::sql_fragment<std::string>("'{{}}' || {}", name), "'{}' || " + e + "name");
    add("fragment in an expression", orm::sql_fragment<int>("1 + {}", rank) * 2, "(1 + " + e + "\"order\") * $1");
    add("now", orm::now(), "now()");
    add("today", orm::current_date(), "CURRENT_DATE");
    add("scalar subquery", orm::select(orm::max(col<&blog::user::id>)).scalar(), "(SELECT max(users.id) FROM users)");
    add("headline", orm::ts_headline("english", name, orm::plainto_tsquery("english", "a")),
        "ts_headline('english', " + e + "name, plainto_tsquery('english', $1))");
    return all;
}

inline query_cases aggregates()
{
    using orm::col;
    using staff::employee;
    query_cases all;
    const std::string e = "staff.employee.";
    const auto add = [&](std::string_view name, const auto& value, const std::string& expected) {
        all.add(name, orm::select(value).template select_from<employee>(),
                "SELECT " + expected + " FROM staff.employee");
    };
    constexpr auto name = col<&employee::name>;
    constexpr auto rank = col<&employee::rank>;

    add("count(*)", orm::count_all(), "count(*)");
    add("count", orm::count(col<&employee::nick>), "count(" + e + "nick)");
    add("count distinct", orm::count(rank).distinct(), "count(DISTINCT " + e + "\"order\")");
    add("sum", orm::sum(rank), "sum(" + e + "\"order\")");
    add("avg", orm::avg(rank), "avg(" + e + "\"order\")");
    add("min", orm::min(name), "min(" + e + "name)");
    add("max", orm::max(col<&employee::hired>), "max(" + e + "hired)");
    add("filter", orm::count_all().filter(rank > 1).filter(rank < 9),
        "count(*) FILTER (WHERE " + e + "\"order\" > $1 AND " + e + "\"order\" < $2)");
    add("bool_and", orm::bool_and(rank > 1), "bool_and(" + e + "\"order\" > $1)");
    add("bool_or", orm::bool_or(rank > 1), "bool_or(" + e + "\"order\" > $1)");
    add("array_agg", orm::array_agg(name).order_by(rank.desc(), name),
        "array_agg(" + e + "name ORDER BY " + e + "\"order\" DESC, " + e + "name)");
    add("string_agg", orm::string_agg(name, ", ").distinct(), "string_agg(DISTINCT " + e + "name, ', ')");
    add("any aggregate", orm::aggregate_of<std::optional<double>>("stddev", col<&employee::score>),
        "stddev(" + e + "score)");
    add("within group",
        orm::aggregate_of<std::optional<double>>("percentile_cont", 0.5).within_group(col<&employee::score>),
        "percentile_cont($1) WITHIN GROUP (ORDER BY " + e + "score)");

    const auto window = orm::partition_by(col<&employee::manager_id>).order_by(rank.desc());
    const std::string over = " OVER (PARTITION BY " + e + "manager_id ORDER BY " + e + "\"order\" DESC)";
    add("row_number", orm::row_number().over(window), "row_number()" + over);
    add("rank", orm::rank().over(window), "rank()" + over);
    add("dense_rank", orm::dense_rank().over(window), "dense_rank()" + over);
    add("percent_rank", orm::percent_rank().over(window), "percent_rank()" + over);
    add("cume_dist", orm::cume_dist().over(window), "cume_dist()" + over);
    add("ntile", orm::ntile(4).over(window), "ntile($1)" + over);
    add("lag", orm::lag(rank).over(window), "lag(" + e + "\"order\", $1)" + over);
    add("lead", orm::lead(rank, 2).over(window), "lead(" + e + "\"order\", $1)" + over);
    add("first_value", orm::first_value(name).over(window), "first_value(" + e + "name)" + over);
    add("last_value", orm::last_value(name).over(window), "last_value(" + e + "name)" + over);
    add("nth_value", orm::nth_value(name, 2).over(window), "nth_value(" + e + "name, $1)" + over);
    add("over everything", orm::sum(rank).over(), "sum(" + e + "\"order\") OVER ()");
    add("frame", orm::sum(rank).over(orm::order_by(name).rows("BETWEEN 2 PRECEDING AND CURRENT ROW")),
        "sum(" + e + "\"order\") OVER (ORDER BY " + e + "name ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)");
    add("frame of a range", orm::count_all().over(orm::order_by(rank).range("UNBOUNDED PRECEDING")),
        "count(*) OVER (ORDER BY " + e + "\"order\" RANGE UNBOUNDED PRECEDING)");
    add("frame of groups", orm::count_all().over(orm::order_by(rank).groups("1 PRECEDING")),
        "count(*) OVER (ORDER BY " + e + "\"order\" GROUPS 1 PRECEDING)");
    return all;
}

} // namespace tusk::test
