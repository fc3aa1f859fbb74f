#include "unit_of_work/entity_prototype.hpp"
#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/flush_planner.hpp"
#include "unit_of_work/key.hpp"
#include "unit_of_work/value_journal.hpp"

#include "../../../orm/examples/blog_models.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace orm = tusk::orm;
using blog::post;
using blog::tag;
using blog::user;
using orm::detail::entity_record;
using orm::detail::entity_store;
using orm::detail::flush_level;
using orm::detail::flush_planner;
using orm::detail::ref_access;

namespace {

/// "INSERT INTO tags x2": the statements of each level, in the order in which they are executed.
using plan = std::vector<std::vector<std::string>>;

class orm_flush_planner : public testing::Test
{
protected:
    template <class T>
    orm::ref<T> add(T entity)
    {
        return ref_access::make<T>(&store->add(orm::table_of<T>(), &entity));
    }

    template <class T>
    orm::ref<T> load(T entity)
    {
        const orm::table_info& table = orm::table_of<T>();
        const auto placed = store->place(table, orm::detail::key_of(table, &entity, scratch));
        for (const orm::column_info& each : table.columns())
            each.operations.assign(placed.entity.object, &entity);
        store->loaded(placed.entity);
        return ref_access::make<T>(&placed.entity);
    }

    plan planned()
    {
        flush_planner planner{*store, journal, made};
        planner.plan();
        plan all;
        for (const flush_level& level : planner.levels()) {
            std::vector<std::string>& texts = all.emplace_back();
            for (const auto& step : level.steps) {
                const std::string& sql = level.statements[step.statement].sql;
                texts.push_back(
                    sql.substr(0, sql.find_first_of("(S", sql.find("INTO") == std::string::npos ? 7 : 12) - 1));
            }
        }
        deletes = planner.deletes().size();
        return all;
    }

    orm::detail::store_ptr store = entity_store::make();
    tusk::byte_writer scratch;
    orm::detail::value_journal journal;
    orm::detail::prototypes made;
    std::size_t deletes = 0;
};

post by(std::int64_t id, std::int64_t author)
{
    post made;
    made.id = id;
    made.author_id = author;
    return made;
}
user known(std::int64_t id)
{
    user made;
    made.id = id;
    return made;
}

} // namespace

TEST_F(orm_flush_planner, nothing_is_planned_for_what_was_only_looked_at)
{
    const orm::ref<user> ann = load(known(1));
    static_cast<void>(ann->name.size());
    ann->name = "";
    EXPECT_EQ(planned(), plan{});
}

TEST_F(orm_flush_planner, rows_wait_for_the_keys_that_they_need)
{
    const orm::ref<post> p = add(post{});
    const orm::ref<user> ann = add(user{});
    const orm::ref<tag> cpp = add(tag{});
    p->author = ann;
    p->tags.add(cpp);
    EXPECT_EQ(planned(),
              (plan{{"INSERT INTO tags", "INSERT INTO users"}, {"INSERT INTO posts"}, {"INSERT INTO post_tags"}}));
}

TEST_F(orm_flush_planner, a_key_that_is_known_is_not_waited_for)
{
    const orm::ref<user> ann = load(known(1));
    const orm::ref<post> p = add(post{});
    const orm::ref<tag> cpp = add(tag{});
    ann->posts.add(p);
    p->tags.add(cpp);
    const plan steps = planned();
    EXPECT_EQ(steps, (plan{{"INSERT INTO tags", "INSERT INTO posts"}, {"INSERT INTO post_tags"}}));
    EXPECT_EQ(p->author_id, 1) << "the foreign key follows the relation";
}

TEST_F(orm_flush_planner, updates_of_a_table_are_in_the_order_of_their_keys)
{
    std::vector<orm::ref<post>> posts;
    for (const int id : {3, 1, 2})
        posts.push_back(load(by(id, 7)));
    for (const orm::ref<post>& each : posts)
        each->title = "new";
    flush_planner planner{*store, journal, made};
    planner.plan();
    ASSERT_EQ(planner.levels().size(), 1);
    std::vector<std::int64_t> order;
    for (const auto& step : planner.levels()[0].steps)
        order.push_back(static_cast<const post*>(step.entity->object)->id);
    EXPECT_EQ(order, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(planner.levels()[0].statements.size(), 1) << "one text for all of them";
}

TEST_F(orm_flush_planner, an_orphan_is_deleted_and_a_new_one_is_dropped)
{
    const orm::ref<user> ann = load(known(1));
    const orm::ref<post> old = load(by(10, 1));
    const orm::ref<post> fresh = add(post{});
    ann->posts.set_loaded({ref_access::node(old)});
    ann->posts.add(fresh);
    ann->posts.clear();
    EXPECT_EQ(planned(), plan{});
    EXPECT_EQ(deletes, 1);
}

TEST_F(orm_flush_planner, a_new_child_goes_with_what_is_marked_even_where_the_mark_came_while_another_flush_ran)
{
    const orm::ref<user> ann = load(known(1));
    ann->posts.set_loaded({});
    const orm::ref<post> fresh = add(post{});
    ann->posts.add(fresh);
    store->mark_deleted(orm::detail::record_of(*ref_access::node(ann)));
    store->all_settled(); // the end of the other one
    EXPECT_EQ(planned(), plan{});
    EXPECT_EQ(deletes, 1);
}

TEST_F(orm_flush_planner, a_foreign_key_that_contradicts_its_relation_is_refused)
{
    const orm::ref<user> ann = load(known(1));
    const orm::ref<user> bob = load(known(2));
    const orm::ref<post> p = load(by(10, 1));
    p->author_id = 3;
    p->author = bob;
    EXPECT_THROW(planned(), tusk::usage_error);
}
