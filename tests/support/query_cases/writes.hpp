#pragma once

#include "support/query_cases/cases.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

inline query_cases writes()
{
    using blog::post;
    using blog::tag;
    using blog::user;
    using orm::col;
    using staff::badge;
    using staff::employee;
    query_cases all;
    constexpr auto label = col<&tag::label>;

    all.add("insert", orm::insert_into<tag>().value(label, "a"), "INSERT INTO tags (label) VALUES ($1)");
    all.add("insert an expression", orm::insert_into<tag>().value(label, orm::upper("a")),
            "INSERT INTO tags (label) VALUES (upper($1))");
    all.add("insert two columns", orm::insert_into<tag>().value(col<&tag::id>, 900).value(label, "b"),
            "INSERT INTO tags (id, label) VALUES ($1, $2)");
    all.add("insert rows", orm::insert_into<tag>(col<&tag::id>, label).values(901, "c").values(902, std::string{"d"}),
            "INSERT INTO tags (id, label) VALUES ($1, $2), ($3, $4)");
    all.add("insert what is selected",
            orm::insert_into<tag>(label).from(orm::select(col<&user::name>).where(col<&user::id> > 5)),
            "INSERT INTO tags (label) SELECT users.name FROM users WHERE users.id > $1");
    all.add("insert returning", orm::insert_into<tag>().value(label, "e").returning(col<&tag::id>, orm::lower(label)),
            "INSERT INTO tags (label) VALUES ($1) RETURNING tags.id, lower(tags.label)");
    all.add("insert returning the entity", orm::insert_into<tag>().value(label, "f").returning<tag>(),
            "INSERT INTO tags (label) VALUES ($1) RETURNING {tag}");
    all.add("on conflict do nothing", orm::insert_into<tag>().value(label, "a").on_conflict(label).do_nothing(),
            "INSERT INTO tags (label) VALUES ($1) ON CONFLICT (label) DO NOTHING");
    all.add("on any conflict do nothing", orm::insert_into<tag>().value(label, "a").on_conflict().do_nothing(),
            "INSERT INTO tags (label) VALUES ($1) ON CONFLICT DO NOTHING");
    all.add(
        "on conflict do update",
        orm::insert_into<tag>()
            .value(label, "a")
            .on_conflict(label)
            .do_update()
            .set(label, orm::excluded(label))
            .where(col<&tag::id> > 5),
        "INSERT INTO tags (label) VALUES ($1) ON CONFLICT (label) DO UPDATE SET label = excluded.label WHERE tags.id > "
        "$2");
    all.add("on conflict of a key of two columns",
            orm::insert_into<badge>(col<&badge::site>, col<&badge::code>, col<&badge::owner_id>)
                .values(1, "x", 1)
                .on_conflict(col<&badge::site>, col<&badge::code>)
                .do_update()
                .set(col<&badge::owner_id>, col<&badge::owner_id> + orm::excluded(col<&badge::owner_id>))
                .returning(col<&badge::owner_id>),
            "INSERT INTO staff.badge (site, code, owner_id) VALUES ($1, $2, $3) ON CONFLICT (site, code) DO UPDATE SET "
            "owner_id = staff.badge.owner_id + excluded.owner_id RETURNING staff.badge.owner_id");
    all.add("on conflict of a constraint",
            orm::insert_into<tag>()
                .value(label, "a")
                .on_conflict_on_constraint("uq_tags_label")
                .do_update()
                .set(label, "z"),
            "INSERT INTO tags (label) VALUES ($1) ON CONFLICT ON CONSTRAINT uq_tags_label DO UPDATE SET label = $2");
    all.add("on conflict of a partial index",
            orm::insert_into<employee>(col<&employee::name>)
                .from(orm::select(col<&user::name>))
                .on_conflict(col<&employee::name>)
                .index_where(col<&employee::nick> == std::nullopt)
                .do_nothing(),
            "INSERT INTO staff.employee (name) SELECT users.name FROM users ON CONFLICT (name) WHERE "
            "staff.employee.nick IS NULL DO NOTHING");
    all.add("insert defaults", orm::insert_into<staff::badge_use>().returning(col<&staff::badge_use::id>),
            "INSERT INTO staff.badge_use DEFAULT VALUES RETURNING staff.badge_use.id");

    all.add("update", orm::update<tag>().set(label, "x").where(col<&tag::id> == 1),
            "UPDATE tags SET label = $1 WHERE tags.id = $2");
    all.add("update, on_update", orm::update<user>().set(col<&user::is_active>, false).set(col<&user::name>, "x"),
            "UPDATE users SET is_active = $1, name = $2, updated_at = now()");
    all.add("update, on_update said otherwise", orm::update<user>().set(col<&user::updated_at>, tusk::timestamptz{}),
            "UPDATE users SET updated_at = $1");
    all.add(
        "update, version", orm::update<employee>().set(col<&employee::rank>, col<&employee::rank> + 1),
        "UPDATE staff.employee SET \"order\" = staff.employee.\"order\" + $1, version = staff.employee.version + 1");
    all.add("update to null",
            orm::update<employee>().set(col<&employee::nick>, std::nullopt).set(col<&employee::version>, 1),
            "UPDATE staff.employee SET nick = $1, version = $2");
    all.add("update twice", orm::update<tag>().set(label, "x").set(label, orm::lower(label)),
            "UPDATE tags SET label = lower(tags.label)");
    all.add("update to a query",
            orm::update<tag>().set(label, orm::coalesce(orm::select(orm::max(col<&user::name>)).scalar(), "x")),
            "UPDATE tags SET label = coalesce((SELECT max(users.name) FROM users), $1)");
    all.add(
        "update from",
        orm::update<post>()
            .set(col<&post::title>, col<&user::name>)
            .from(orm::whole<user>)
            .where(col<&user::id> == col<&post::author_id>)
            .returning(col<&post::id>, col<&user::name>),
        "UPDATE posts SET title = users.name, updated_at = now() FROM users WHERE users.id = posts.author_id RETURNING "
        "posts.id, users.name");
    all.add(
        "update from an alias",
        [] {
            const orm::alias<user> writer{"writer"};
            return orm::update<post>()
                .set(col<&post::title>, writer[col<&user::name>])
                .from(writer)
                .where(writer[col<&user::id>] == col<&post::author_id>);
        }(),
        "UPDATE posts SET title = writer.name, updated_at = now() FROM users AS writer WHERE writer.id = "
        "posts.author_id");
    all.add("update returning the entity",
            orm::update<tag>().set(label, "x").where(col<&tag::id> == 1).returning<tag>(),
            "UPDATE tags SET label = $1 WHERE tags.id = $2 RETURNING {tag}");
    all.add(
        "update, with",
        [] {
            const auto old = orm::select(col<&user::id>).where(!col<&user::is_active>).cte("old");
            return orm::update<post>()
                .set(col<&post::title>, "gone")
                .where(col<&post::author_id>.in(orm::select(old.get<0>())));
        }(),
        "WITH old AS (SELECT users.id FROM users WHERE NOT users.is_active) UPDATE posts SET title = $1, updated_at = "
        "now() WHERE posts.author_id IN (SELECT old.id FROM old)");

    all.add("delete", orm::delete_from<tag>().where(label == "x"), "DELETE FROM tags WHERE tags.label = $1");
    all.add("delete all", orm::delete_from<staff::badge_use>(), "DELETE FROM staff.badge_use");
    all.add("delete using",
            orm::delete_from<post>()
                .using_(orm::whole<user>)
                .where(col<&user::id> == col<&post::author_id>, !col<&user::is_active>),
            "DELETE FROM posts USING users WHERE users.id = posts.author_id AND NOT users.is_active");
    all.add("delete returning", orm::delete_from<tag>().where(label == "x").returning<tag>(),
            "DELETE FROM tags WHERE tags.label = $1 RETURNING {tag}");
    all.add("delete, any", orm::delete_from<user>().where(!orm::any<&user::posts>()),
            "DELETE FROM users WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id)");
    return all;
}

} // namespace tusk::test
