#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/key.hpp"

#include "../../../orm/examples/blog_models.hpp"

#include <tusk/orm/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace orm = tusk::orm;
using blog::post;
using blog::tag;
using blog::user;
using orm::detail::entity_record;
using orm::detail::entity_state;
using orm::detail::entity_store;
using orm::detail::ref_access;

namespace {

class orm_store : public testing::Test
{
protected:
    template <class T>
    orm::ref<T> add(T entity)
    {
        return ref_access::make<T>(&store->add(orm::table_of<T>(), &entity));
    }

    /// As a load does: the key and the columns come from a row.
    template <class T>
    orm::ref<T> load(T entity)
    {
        entity_record& placed = place(entity);
        return ref_access::make<T>(&placed);
    }
    template <class T>
    entity_record& place(T& entity)
    {
        const orm::table_info& table = orm::table_of<T>();
        const auto placed = store->place(table, orm::detail::key_of(table, &entity, scratch));
        if (placed.takes_values) {
            for (const orm::column_info& each : table.columns())
                each.operations.assign(placed.entity.object, &entity);
            store->loaded(placed.entity);
        }
        return placed.entity;
    }

    template <class T>
    entity_record& record(const orm::ref<T>& of)
    {
        return orm::detail::record_of(*ref_access::node(of));
    }

    /// As a flush does that has nothing more to say.
    void flushed()
    {
        for (auto* in : store->tables()) {
            const std::vector<entity_record*> all{in->close().begin(), in->close().end()};
            for (entity_record* each : all) {
                each->has_changed_relations = false;
                store->found_unchanged(*each);
            }
        }
    }

    orm::detail::store_ptr store = entity_store::make();
    tusk::byte_writer scratch;
};

user someone(std::int64_t id, std::string name = "Ann")
{
    user made;
    made.id = id;
    made.name = std::move(name);
    return made;
}
post something(std::int64_t id, std::int64_t author)
{
    post made;
    made.id = id;
    made.author_id = author;
    return made;
}

} // namespace

TEST_F(orm_store, a_new_entity_has_empty_loaded_relations)
{
    const orm::ref<user> ann = add(user{});
    EXPECT_TRUE(ann->posts.is_loaded());
    EXPECT_TRUE(ann->posts.empty());
    const orm::ref<post> first = add(post{});
    EXPECT_FALSE(first->author);
}

TEST_F(orm_store, both_sides_of_a_relation_follow_at_once)
{
    const orm::ref<user> ann = add(user{});
    const orm::ref<post> first = add(post{});
    const orm::ref<post> second = add(post{});
    ann->posts.add(first);
    EXPECT_EQ(first->author.get(), ann);
    second->author = ann;
    ASSERT_EQ(ann->posts.size(), 2);
    EXPECT_EQ(ann->posts[1], second);
    ann->posts.add(first); // it is in
    EXPECT_EQ(ann->posts.size(), 2);

    first->author = nullptr;
    ASSERT_EQ(ann->posts.size(), 1);
    EXPECT_EQ(ann->posts.front(), second);
    ann->posts.clear();
    EXPECT_FALSE(second->author);

    const orm::ref<tag> cpp = add(tag{});
    first->tags.add(cpp);
    ASSERT_EQ(cpp->posts.size(), 1);
    cpp->posts.remove(first);
    EXPECT_TRUE(first->tags.empty());
}

TEST_F(orm_store, guide_27_moving_a_child_takes_it_out_of_its_old_parent)
{
    const orm::ref<user> ann = add(user{});
    const orm::ref<user> bob = add(user{});
    const orm::ref<post> p = add(post{});
    ann->posts.add(p);
    bob->posts.add(p);
    EXPECT_TRUE(ann->posts.empty());
    EXPECT_EQ(p->author.get(), bob);
    p->author = ann;
    EXPECT_TRUE(bob->posts.empty());
    EXPECT_TRUE(ann->posts.contains(p));
}

TEST_F(orm_store, a_loaded_child_is_taken_from_the_parent_that_its_foreign_key_names)
{
    const orm::ref<user> ann = load(someone(1));
    const orm::ref<user> bob = load(someone(2));
    const orm::ref<post> p = load(something(10, 1));
    record(ann);
    ann->posts.set_loaded({ref_access::node(p)});
    record(p);
    orm::detail::reference_member& author = p->author;
    author.unload(); // nobody has loaded this side
    bob->posts.add(p);
    EXPECT_TRUE(ann->posts.empty());
    EXPECT_EQ(p->author.get(), bob);
}

TEST_F(orm_store, touching_what_is_not_loaded_names_the_member_and_the_fix)
{
    const orm::ref<user> ann = load(someone(1));
    try {
        static_cast<void>(ann->posts.size());
        FAIL();
    } catch (const orm::not_loaded& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("orm::selectinload<&user::posts>()"), std::string::npos) << text;
        EXPECT_NE(text.find("co_await session.load<&user::posts>(handle)"), std::string::npos) << text;
    }
}

TEST_F(orm_store, changes_of_an_unloaded_collection_are_merged_at_load)
{
    const orm::ref<user> ann = load(someone(1));
    const orm::ref<post> kept = load(something(10, 1));
    const orm::ref<post> gone = load(something(11, 1));
    const orm::ref<post> added = add(post{});
    ann->posts.add(added);
    EXPECT_EQ(added->author.get(), ann);
    ann->posts.remove(gone);
    EXPECT_FALSE(ann->posts.is_loaded());
    ann->posts.set_loaded({ref_access::node(kept), ref_access::node(gone)});
    ASSERT_EQ(ann->posts.size(), 2);
    EXPECT_EQ(ann->posts[0], kept);
    EXPECT_EQ(ann->posts[1], added);
    EXPECT_EQ(kept->author.get(), ann);
}

TEST_F(orm_store, relations_of_copies_are_unbound_and_assignment_keeps_contents)
{
    const orm::ref<user> ann = add(someone(0, "Ann"));
    const orm::ref<post> p = add(post{});
    ann->posts.add(p);
    user copy = *ann;
    EXPECT_FALSE(copy.posts.is_loaded());
    EXPECT_THROW(copy.posts.add(p), tusk::usage_error);
    copy.name = "Copy";
    *ann = copy;
    EXPECT_EQ(ann->name, "Copy");
    ASSERT_EQ(ann->posts.size(), 1) << "assigning an entity copies its columns";
    user moved = std::move(*ann);
    EXPECT_FALSE(moved.posts.is_loaded());
    ASSERT_EQ(ann->posts.size(), 1);
    *ann = std::move(moved);
    EXPECT_EQ(ann->name, "Copy");
    EXPECT_EQ(ann->posts.front(), p);
    EXPECT_EQ(p->author.get(), ann);
}

TEST_F(orm_store, entities_of_another_session_are_refused)
{
    const auto other = entity_store::make();
    post theirs;
    const orm::ref<post> p = ref_access::make<post>(&other->add(orm::table_of<post>(), &theirs));
    const orm::ref<user> ann = add(user{});
    EXPECT_THROW(ann->posts.add(p), tusk::usage_error);
    EXPECT_THROW(p->author = ann, tusk::usage_error);
}

TEST_F(orm_store, one_object_an_identity_and_rows_do_not_overwrite_within_a_transaction)
{
    const orm::ref<user> ann = load(someone(1, "Ann"));
    EXPECT_EQ(load(someone(1, "Other")), ann);
    EXPECT_EQ(orm::ref<const user> { ann } -> name, "Ann");
    store->next_transaction();
    load(someone(1, "Other"));
    EXPECT_EQ(orm::ref<const user> { ann } -> name, "Other");
    ann->name = "Changed";
    store->next_transaction();
    load(someone(1, "Third"));
    EXPECT_EQ(ann->name, "Changed");
}

TEST_F(orm_store, what_nobody_can_reach_is_destroyed)
{
    orm::ref<user> ann = load(someone(1));
    EXPECT_EQ(store->all().size(), 1);
    ann = nullptr;
    EXPECT_EQ(store->all().size(), 0);

    // A relation keeps what it leads to.
    orm::ref<post> p = load(something(10, 1));
    const_cast<post&>(*orm::ref<const post>{p}).author.set_loaded(ref_access::node(load(someone(1))));
    EXPECT_EQ(store->all().size(), 2);
    p = nullptr;
    EXPECT_EQ(store->all().size(), 0);
}

TEST_F(orm_store, a_circle_goes_at_the_end_of_the_transaction)
{
    orm::ref<user> ann = load(someone(1));
    orm::ref<post> p = load(something(10, 1));
    const_cast<user&>(*orm::ref<const user>{ann}).posts.set_loaded({ref_access::node(p)});
    ann = nullptr;
    p = nullptr;
    EXPECT_EQ(store->all().size(), 2);
    store->next_transaction();
    EXPECT_EQ(store->all().size(), 0);
}

TEST_F(orm_store, what_has_changed_stays_until_it_is_flushed)
{
    {
        const orm::ref<user> ann = load(someone(1));
        ann->name = "Ann B.";
    }
    ASSERT_EQ(store->all().size(), 1);
    flushed();
    EXPECT_EQ(store->all().size(), 0);
}

TEST_F(orm_store, handles_that_only_look_do_not_pile_up)
{
    for (int i = 0; i < 10'000; ++i)
        static_cast<void>(load(someone(i))->name.size());
    EXPECT_LT(store->all().size(), 3'000);
}

TEST_F(orm_store, a_change_behind_an_older_reference_is_not_lost)
{
    const orm::ref<user> ann = load(someone(1));
    user& held = *ann;
    store->found_unchanged(record(ann)); // an autoflush looked
    held.name = "Changed";
    EXPECT_TRUE(store->has_changed_columns(record(ann)));
}

TEST_F(orm_store, handles_outlive_their_session)
{
    orm::ref<user> ann = add(someone(1, "Ann"));
    const orm::ref<post> p = add(post{});
    ann->posts.add(p);
    store.reset();
    EXPECT_EQ(ann->name, "Ann");
    EXPECT_EQ(ann->posts.front(), p);
    EXPECT_THROW(ann->posts.remove(p), tusk::usage_error);
    EXPECT_EQ(record(ann).state, entity_state::detached);
}

TEST_F(orm_store, null_handles_throw)
{
    const orm::ref<user> none;
    EXPECT_THROW(static_cast<void>(none->name), tusk::usage_error);
    const orm::ref<user> ann = add(user{});
    EXPECT_THROW(ann->posts.add(nullptr), tusk::usage_error);
}

TEST_F(orm_store, a_thousand_identities_are_found_and_forgotten)
{
    std::vector<orm::ref<user>> all;
    for (int i = 0; i < 1'000; ++i)
        all.push_back(load(someone(i)));
    for (int i = 0; i < 1'000; i += 3)
        all[static_cast<std::size_t>(i)] = nullptr;
    for (int i = 0; i < 1'000; ++i) {
        const user asked = someone(i);
        const entity_record* found =
            store->find(orm::table_of<user>(), orm::detail::key_of(orm::table_of<user>(), &asked, scratch));
        EXPECT_EQ(found != nullptr, i % 3 != 0) << i;
    }
}
