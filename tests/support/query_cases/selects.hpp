#pragma once

#include "support/query_cases/cases.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

inline query_cases selects()
{
    using blog::post;
    using blog::tag;
    using blog::user;
    using orm::col;
    using orm::select;
    query_cases all;

    all.add("entity", select<user>(), "SELECT {user} FROM users");
    all.add("entities", select<user, post>().select_from<user>().join<&user::posts>(),
            "SELECT {user}, {post} FROM users JOIN posts ON posts.author_id = users.id");
    all.add("columns", select(col<&user::id>, col<&user::name>), "SELECT users.id, users.name FROM users");
    all.add(
        "mixed",
        select(orm::whole<user>, orm::count(col<&post::id>)).outer_join<&user::posts>().group_by(col<&user::id>),
        "SELECT {user}, count(posts.id) FROM users LEFT JOIN posts ON posts.author_id = users.id GROUP BY users.id");
    all.add("conditions add up",
            select(col<&user::id>).where(col<&user::id> > 1).where(col<&user::id> < 9, col<&user::is_active>),
            "SELECT users.id FROM users WHERE users.id > $1 AND users.id < $2 AND users.is_active");
    all.add("a condition that has OR is put into parentheses",
            select(col<&user::id>).where(col<&user::id> == 1 || col<&user::id> == 2).where(col<&user::is_active>),
            "SELECT users.id FROM users WHERE (users.id = $1 OR users.id = $2) AND users.is_active");
    all.add("booleans are written",
            select(col<&user::id>).where(col<&user::is_active> == true, col<&user::is_active> != false),
            "SELECT users.id FROM users WHERE users.is_active = true AND users.is_active <> false");
    all.add("distinct", select(col<&user::name>).distinct(), "SELECT DISTINCT users.name FROM users");
    all.add("distinct on",
            select<post>().distinct_on(col<&post::author_id>).order_by(col<&post::author_id>, col<&post::id>.desc()),
            "SELECT DISTINCT ON (posts.author_id) {post} FROM posts ORDER BY posts.author_id, posts.id DESC");
    all.add(
        "group and having",
        select(col<&post::author_id>, orm::count_all()).group_by(col<&post::author_id>).having(orm::count_all() > 2),
        "SELECT posts.author_id, count(*) FROM posts GROUP BY posts.author_id HAVING count(*) > $1");
    all.add("order",
            select(col<&user::id>).order_by(col<&user::name>.asc()).order_by(col<&user::id>.desc().nulls_last()),
            "SELECT users.id FROM users ORDER BY users.name, users.id DESC NULLS LAST");
    all.add("nulls first", select(col<&user::id>).order_by(col<&user::name>.asc().nulls_first()),
            "SELECT users.id FROM users ORDER BY users.name NULLS FIRST");
    all.add("order forgotten", select(col<&user::id>).order_by(col<&user::name>).order_by().order_by(col<&user::id>),
            "SELECT users.id FROM users ORDER BY users.id");
    all.add("limit and offset", select(col<&user::id>).limit(5).offset(10).limit(20),
            "SELECT users.id FROM users LIMIT $1 OFFSET $2");
    all.add("no limit any more", select(col<&user::id>).limit(5).limit(std::nullopt), "SELECT users.id FROM users");

    all.add("join", select<post>().join<&post::author>().where(col<&user::name> == "ann"),
            "SELECT {post} FROM posts JOIN users ON users.id = posts.author_id WHERE users.name = $1");
    all.add("join many to many", select<post>().join<&post::tags>().where(col<&tag::label> == "c++"),
            "SELECT {post} FROM posts JOIN post_tags ON post_tags.post_id = posts.id JOIN tags ON tags.id = "
            "post_tags.tag_id WHERE tags.label = $1");
    all.add("outer join many to many",
            select(col<&post::id>, orm::nullable(col<&tag::label>)).outer_join<&post::tags>(),
            "SELECT posts.id, tags.label FROM posts LEFT JOIN (post_tags JOIN tags ON tags.id = post_tags.tag_id) ON "
            "post_tags.post_id = posts.id");
    all.add("two joins", select<user>().join<&user::posts>().join<&post::tags>(),
            "SELECT {user} FROM users JOIN posts ON posts.author_id = users.id JOIN post_tags ON post_tags.post_id = "
            "posts.id JOIN tags ON tags.id = post_tags.tag_id");
    all.add("join of what is selected", select(col<&post::title>).join<&user::posts>(),
            "SELECT posts.title FROM users JOIN posts ON posts.author_id = users.id");
    all.add("join on",
            select(col<&user::id>)
                .join(orm::whole<post>, col<&post::author_id> == col<&user::id> && col<&post::title> != ""),
            "SELECT users.id FROM users JOIN posts ON posts.author_id = users.id AND posts.title <> $1");
    all.add("outer join on",
            select(col<&user::id>).outer_join(orm::whole<post>, col<&post::author_id> == col<&user::id>),
            "SELECT users.id FROM users LEFT JOIN posts ON posts.author_id = users.id");
    all.add("full join", select(col<&user::id>).full_join(orm::whole<post>, col<&post::author_id> == col<&user::id>),
            "SELECT users.id FROM users FULL JOIN posts ON posts.author_id = users.id");
    all.add("cross join", select(col<&user::id>, col<&tag::id>).cross_join(orm::whole<tag>),
            "SELECT users.id, tags.id FROM users CROSS JOIN tags");
    all.add("product", select(col<&user::id>, col<&tag::id>).select_from<user, tag>(),
            "SELECT users.id, tags.id FROM users, tags");
    all.add("product and join", select(col<&user::id>, col<&tag::id>).select_from<tag, user>().join<&user::posts>(),
            "SELECT users.id, tags.id FROM tags CROSS JOIN users JOIN posts ON posts.author_id = users.id");
    all.add("select from", select(orm::count_all()).select_from<user>(), "SELECT count(*) FROM users");

    all.add("for update", select(col<&user::id>).for_update(), "SELECT users.id FROM users FOR UPDATE");
    all.add("for update nowait", select(col<&user::id>).for_update(orm::nowait),
            "SELECT users.id FROM users FOR UPDATE NOWAIT");
    all.add("for update skip locked", select(col<&user::id>).limit(1).for_update(orm::skip_locked),
            "SELECT users.id FROM users LIMIT $1 FOR UPDATE SKIP LOCKED");
    all.add("for no key update", select(col<&user::id>).for_no_key_update(),
            "SELECT users.id FROM users FOR NO KEY UPDATE");
    all.add("for share", select(col<&user::id>).for_share(), "SELECT users.id FROM users FOR SHARE");
    all.add("for key share", select(col<&user::id>).for_key_share(), "SELECT users.id FROM users FOR KEY SHARE");
    all.add("for update of",
            select<post>().join<&post::author>().for_update(orm::skip_locked).lock_of(orm::whole<post>),
            "SELECT {post} FROM posts JOIN users ON users.id = posts.author_id FOR UPDATE OF posts SKIP LOCKED");
    all.add("for update of a table in a schema",
            select(col<&staff::employee::id>).for_update().lock_of(orm::whole<staff::employee>),
            "SELECT staff.employee.id FROM staff.employee FOR UPDATE OF employee");
    return all;
}

inline query_cases aliases_and_subqueries()
{
    using blog::post;
    using blog::tag;
    using blog::user;
    using orm::col;
    using orm::select;
    using staff::employee;
    query_cases all;

    const orm::alias<employee> boss{"boss"};
    const orm::alias<employee> other;
    all.add("alias", select(boss[col<&employee::name>]), "SELECT boss.name FROM staff.employee AS boss");
    all.add("alias without a name", select(other[col<&employee::name>]).where(other[col<&employee::id>] == 1),
            "SELECT employee_1.name FROM staff.employee AS employee_1 WHERE employee_1.id = $1");
    all.add(
        "self-join",
        select(col<&employee::name>, orm::nullable(boss[col<&employee::name>])).outer_join<&employee::manager>(boss),
        "SELECT staff.employee.name, boss.name FROM staff.employee LEFT JOIN staff.employee AS boss ON boss.id = "
        "staff.employee.manager_id");
    all.add("join from an alias",
            select(col<&employee::name>, other[col<&employee::name>])
                .join<&employee::manager>(boss)
                .join_from<&employee::manager>(boss, other),
            "SELECT staff.employee.name, employee_1.name FROM staff.employee JOIN staff.employee AS boss ON boss.id = "
            "staff.employee.manager_id JOIN staff.employee AS employee_1 ON employee_1.id = boss.manager_id");
    all.add(
        "two anonymous aliases",
        [] {
            const orm::alias<user> a;
            const orm::alias<user> b;
            return select(a[col<&user::id>], b[col<&user::id>])
                .select_from(a, b)
                .where(a[col<&user::id>] < b[col<&user::id>]);
        }(),
        "SELECT users_1.id, users_2.id FROM users AS users_1, users AS users_2 WHERE users_1.id < users_2.id");

    all.add("exists",
            select(col<&user::id>).where(orm::exists(select<post>().where(col<&post::author_id> == col<&user::id>))),
            "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id)");
    all.add("not exists",
            select(col<&user::id>).where(!orm::exists(select<post>().where(col<&post::author_id> == col<&user::id>))),
            "SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id)");
    all.add("any",
            select(col<&user::id>).where(orm::any<&user::posts>(col<&post::title> == "x", col<&post::content> == "y")),
            "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id AND "
            "posts.title = $1 AND posts.content = $2)");
    all.add("any at all", select(col<&user::id>).where(!orm::any<&user::posts>()),
            "SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id)");
    all.add("any, many to many",
            select(col<&post::id>).where(orm::any<&post::tags>(col<&tag::label> == "a" || col<&tag::label> == "b")),
            "SELECT posts.id FROM posts WHERE EXISTS (SELECT 1 FROM tags JOIN post_tags AS post_tags_1 ON tags.id = "
            "post_tags_1.tag_id WHERE post_tags_1.post_id = posts.id AND (tags.label = $1 OR tags.label = $2))");
    all.add("has", select(col<&post::id>).where(orm::has<&post::author>(col<&user::name> == "ann")),
            "SELECT posts.id FROM posts WHERE EXISTS (SELECT 1 FROM users WHERE users.id = posts.author_id AND "
            "users.name = $1)");
    all.add("any of itself",
            select(col<&employee::id>).where(orm::any<&employee::reports>(boss, boss[col<&employee::name>] == "x")),
            "SELECT staff.employee.id FROM staff.employee WHERE EXISTS (SELECT 1 FROM staff.employee AS boss WHERE "
            "boss.manager_id = staff.employee.id AND boss.name = $1)");
    all.add(
        "has of itself", select(col<&employee::id>).where(orm::has<&employee::manager>()),
        "SELECT staff.employee.id FROM staff.employee WHERE EXISTS (SELECT 1 FROM staff.employee AS employee_1 WHERE "
        "employee_1.id = staff.employee.manager_id)");

    const auto counts =
        select(col<&post::author_id>, orm::count_all().as("n")).group_by(col<&post::author_id>).subquery("counts");
    all.add("subquery",
            select(col<&user::name>, counts.get<1>()).join(counts, counts[col<&post::author_id>] == col<&user::id>),
            "SELECT users.name, counts.n FROM users JOIN (SELECT posts.author_id, count(*) AS n FROM posts GROUP BY "
            "posts.author_id) AS counts ON counts.author_id = users.id");
    const auto active = select<user>().where(col<&user::is_active>).limit(3).subquery();
    all.add(
        "subquery without a name", select(active[col<&user::name>]).where(active[col<&user::id>] > 1),
        "SELECT rows_1.name FROM (SELECT {user} FROM users WHERE users.is_active LIMIT $1) AS rows_1 WHERE rows_1.id "
        "> $2");
    const auto pairs =
        select(col<&user::id>, col<&post::id>, orm::lower(col<&user::name>)).join<&user::posts>().subquery("pairs");
    all.add(
        "names in a subquery are told apart", select(pairs.get<0>(), pairs.get<1>(), pairs.get<2>()),
        "SELECT pairs.id, pairs.id_1, pairs.lower FROM (SELECT users.id, posts.id AS id_1, lower(users.name) AS lower "
        "FROM users JOIN posts ON posts.author_id = users.id) AS pairs");
    all.add("correlated value",
            select(col<&user::name>, select(orm::count_all())
                                         .select_from<post>()
                                         .where(col<&post::author_id> == col<&user::id>)
                                         .scalar()
                                         .as("posts")),
            "SELECT users.name, (SELECT count(*) FROM posts WHERE posts.author_id = users.id) AS posts FROM users");

    const auto busy =
        select(col<&post::author_id>).group_by(col<&post::author_id>).having(orm::count_all() > 2).cte("busy");
    all.add("with", select(col<&user::name>).join(busy, busy.get<0>() == col<&user::id>).where(col<&user::id> > 5),
            "WITH busy AS (SELECT posts.author_id FROM posts GROUP BY posts.author_id HAVING count(*) > $1) SELECT "
            "users.name FROM users JOIN busy ON busy.author_id = users.id WHERE users.id > $2");
    all.add("with, used twice",
            select(col<&user::name>)
                .where(col<&user::id>.in(select(busy.get<0>())) || col<&user::id>.in(select(busy.get<0>()))),
            "WITH busy AS (SELECT posts.author_id FROM posts GROUP BY posts.author_id HAVING count(*) > $1) SELECT "
            "users.name FROM users WHERE users.id IN (SELECT busy.author_id FROM busy) OR users.id IN (SELECT "
            "busy.author_id FROM busy)");
    all.add("with, materialized", select(select(col<&user::id>).cte("ids", orm::materialized).get<0>()),
            "WITH ids AS MATERIALIZED (SELECT users.id FROM users) SELECT ids.id FROM ids");
    const auto tree = orm::recursive_cte(
        "tree", select(col<&employee::id>, orm::literal(0).as("depth")).where(col<&employee::name> == "x"),
        [](const auto& above) {
            return select(col<&employee::id>, above.template get<1>() + 1)
                .join(above, above.template get<0>() == col<&employee::manager_id>);
        });
    all.add(
        "with recursive", select(tree.get<0>(), tree.get<1>()).order_by(tree.get<1>()),
        "WITH RECURSIVE tree(id, depth) AS (SELECT staff.employee.id, $1 FROM staff.employee WHERE "
        "staff.employee.name = $2 UNION ALL SELECT staff.employee.id, tree.depth + $3 FROM staff.employee JOIN tree "
        "ON tree.id = staff.employee.manager_id) SELECT tree.id, tree.depth FROM tree ORDER BY tree.depth");

    const auto ann = select(col<&user::id>, col<&user::name>).where(col<&user::name> == "ann");
    const auto bob = select(col<&user::id>, col<&user::name>).where(col<&user::name> == "bob");
    const std::string one = "SELECT users.id, users.name FROM users WHERE users.name = $1";
    const std::string two = "SELECT users.id, users.name FROM users WHERE users.name = $2";
    all.add("union", orm::union_(ann, bob), one + " UNION " + two);
    all.add("union all", orm::union_all(ann, bob).order_by(col<&user::name>.desc()).limit(3),
            one + " UNION ALL " + two + " ORDER BY name DESC LIMIT $3");
    all.add("intersect", orm::intersect(ann, bob), one + " INTERSECT " + two);
    all.add("intersect all", orm::intersect_all(ann, bob), one + " INTERSECT ALL " + two);
    all.add("except", orm::except(ann, bob), one + " EXCEPT " + two);
    all.add("except all", orm::except_all(ann, bob), one + " EXCEPT ALL " + two);
    all.add("parts with an order",
            orm::union_all(select(col<&user::id>).order_by(col<&user::id>).limit(1), select(col<&post::id>)),
            "(SELECT users.id FROM users ORDER BY users.id LIMIT $1) UNION ALL SELECT posts.id FROM posts");
    all.add("parts of parts", orm::except(orm::union_(ann, bob), bob),
            "(" + one + " UNION " + two + ") EXCEPT SELECT users.id, users.name FROM users WHERE users.name = $2");
    all.add("union of entities",
            orm::union_(select<user>().where(col<&user::id> == 1), select<user>().where(col<&user::id> == 2)),
            "SELECT {user} FROM users WHERE users.id = $1 UNION SELECT {user} FROM users WHERE users.id = $2");
    all.add("union as a subquery", select(orm::union_all(ann, bob).subquery("either").get<1>()),
            "SELECT either.name FROM (" + one + " UNION ALL " + two + ") AS either");

    const auto month = orm::func<tusk::timestamptz>("date_trunc", "month", col<&post::created_at>);
    all.add(
        "the same expression twice", select(month, orm::count_all()).group_by(month).order_by(month),
        "SELECT date_trunc($1, posts.created_at), count(*) FROM posts GROUP BY date_trunc($1, posts.created_at) ORDER "
        "BY date_trunc($1, posts.created_at)");
    return all;
}

} // namespace tusk::test
