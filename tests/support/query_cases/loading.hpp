#pragma once

#include "support/query_cases/cases.hpp"

#include <string>

namespace tusk::test {

inline query_cases loading()
{
    using blog::post;
    using blog::tag;
    using blog::user;
    using orm::col;
    using orm::select;
    using staff::employee;
    query_cases all;
    const std::string author = "users_1.id, users_1.email, users_1.name, users_1.hashed_password, users_1.is_active, "
                               "users_1.created_at, users_1.updated_at";
    const std::string of_author = " FROM posts LEFT JOIN users AS users_1 ON users_1.id = posts.author_id";
    const std::string posts = "posts_1.id, posts_1.title, posts_1.content, posts_1.author_id, posts_1.created_at, "
                              "posts_1.updated_at";

    all.add("joinedload", select<post>().options(orm::joinedload<&post::author>()),
            "SELECT {post}, " + author + of_author);
    all.add("joinedload, inner", select<post>().options(orm::joinedload<&post::author>().inner()),
            "SELECT {post}, " + author + " FROM posts JOIN users AS users_1 ON users_1.id = posts.author_id");
    all.add("joinedload is not seen by conditions",
            select<post>()
                .join<&post::author>()
                .where(col<&user::name> == "x")
                .order_by(col<&user::name>)
                .options(orm::joinedload<&post::author>()),
            "SELECT {post}, " + author +
                " FROM posts JOIN users ON users.id = posts.author_id LEFT JOIN users AS users_1 ON users_1.id = "
                "posts.author_id WHERE users.name = $1 ORDER BY users.name");
    all.add("joinedload of one with a limit", select<post>().limit(5).options(orm::joinedload<&post::author>()),
            "SELECT {post}, " + author + of_author + " LIMIT $1");
    all.add("joinedload of a collection", select<user>().options(orm::joinedload<&user::posts>()),
            "SELECT {user}, " + posts + " FROM users LEFT JOIN posts AS posts_1 ON posts_1.author_id = users.id");
    all.add(
        "joinedload of a collection with a limit",
        select<user>()
            .order_by(orm::lower(col<&user::name>).desc(), col<&user::id>)
            .limit(3)
            .options(orm::joinedload<&user::posts>()),
        "SELECT rows_1.id, rows_1.email, rows_1.name, rows_1.hashed_password, rows_1.is_active, rows_1.created_at, "
        "rows_1.updated_at, " +
            posts +
            " FROM (SELECT {user}, lower(users.name) AS ordered_by, users.id AS ordered_by_1 FROM users ORDER BY "
            "lower(users.name) DESC, users.id LIMIT $1) AS rows_1 LEFT JOIN posts AS posts_1 ON posts_1.author_id = "
            "rows_1.id ORDER BY rows_1.ordered_by DESC, rows_1.ordered_by_1");
    all.add(
        "joinedload, many to many", select<post>().options(orm::joinedload<&post::tags>()),
        "SELECT {post}, tags_1.id, tags_1.label FROM posts LEFT JOIN (post_tags AS post_tags_1 JOIN tags AS tags_1 ON "
        "tags_1.id = post_tags_1.tag_id) ON post_tags_1.post_id = posts.id");
    all.add("joinedload in a row", select<post>().options(orm::joinedload<&post::author>().joinedload<&user::posts>()),
            "SELECT {post}, " + author + ", " + posts + of_author +
                " LEFT JOIN posts AS posts_1 ON posts_1.author_id = users_1.id");
    all.add("joinedload with a lock", select<post>().for_update().options(orm::joinedload<&post::author>()),
            "SELECT {post}, " + author + of_author + " FOR UPDATE OF posts");
    all.add(
        "joinedload of a group",
        select(orm::whole<post>, orm::count(col<&tag::id>))
            .outer_join<&post::tags>()
            .group_by(col<&post::id>)
            .options(orm::joinedload<&post::author>()),
        "SELECT rows_1.id, rows_1.title, rows_1.content, rows_1.author_id, rows_1.created_at, rows_1.updated_at, "
        "rows_1.count, " +
            author +
            " FROM (SELECT {post}, count(tags.id) AS count FROM posts LEFT JOIN (post_tags JOIN tags ON tags.id = "
            "post_tags.tag_id) ON post_tags.post_id = posts.id GROUP BY posts.id) AS rows_1 LEFT JOIN users AS users_1 "
            "ON users_1.id = rows_1.author_id");
    all.add(
        "joinedload in its order",
        select<employee>()
            .where(col<&employee::id> == 1)
            .options(orm::joinedload<&employee::reports>().load_only<&employee::photo>(),
                     orm::defer<&employee::biography, &employee::photo>()),
        "SELECT staff.employee.id, staff.employee.manager_id, staff.employee.name, staff.employee.nick, "
        "staff.employee.\"order\", staff.employee.score, staff.employee.salary, staff.employee.skills, "
        "staff.employee.profile, staff.employee.hired, staff.employee.seen, staff.employee.away, "
        "staff.employee.feels, staff.employee.version, employee_1.id, employee_1.manager_id, employee_1.name, "
        "employee_1.nick, employee_1.\"order\", employee_1.score, employee_1.salary, employee_1.skills, "
        "employee_1.profile, employee_1.hired, employee_1.seen, employee_1.away, employee_1.feels, employee_1.photo, "
        "employee_1.version FROM staff.employee LEFT JOIN staff.employee AS employee_1 ON employee_1.manager_id = "
        "staff.employee.id WHERE staff.employee.id = $1 ORDER BY employee_1.name");
    all.add("selectinload changes nothing here",
            select<user>().options(orm::selectinload<&user::posts>().joinedload<&post::author>()),
            "SELECT {user} FROM users");
    all.add("contains_eager",
            select<post>()
                .join<&post::author>()
                .where(col<&user::name> == "x")
                .options(orm::contains_eager<&post::author>()),
            "SELECT {post}, {user} FROM posts JOIN users ON users.id = posts.author_id WHERE users.name = $1");
    all.add(
        "contains_eager of an alias",
        [] {
            const orm::alias<post> their{"their"};
            return select<user>()
                .outer_join<&user::posts>(their)
                .where(their[col<&post::title>] == "x")
                .options(orm::contains_eager<&user::posts>(their));
        }(),
        "SELECT {user}, their.id, their.title, their.content, their.author_id, their.created_at, their.updated_at FROM "
        "users "
        "LEFT JOIN posts AS their ON their.author_id = users.id WHERE their.title = $1");
    all.add("load_only", select<employee>().options(orm::load_only<&employee::biography>()),
            "SELECT staff.employee.id, staff.employee.manager_id, staff.employee.name, staff.employee.nick, "
            "staff.employee.\"order\", staff.employee.score, staff.employee.salary, staff.employee.skills, "
            "staff.employee.profile, staff.employee.hired, staff.employee.seen, staff.employee.away, "
            "staff.employee.feels, staff.employee.biography, staff.employee.version FROM staff.employee");
    all.add("deferred columns are loaded unless somebody says otherwise", select<employee>(),
            "SELECT {employee} FROM staff.employee");
    return all;
}

} // namespace tusk::test
