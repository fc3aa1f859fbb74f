// INSERT, UPDATE and DELETE of many rows, and the entities that the session has of them.
#include "loading_testing.hpp"

namespace {

using namespace tusk::test::library;
using tusk::test::expect_mentions;
using tusk::test::thrown;

TEST(orm_bulk, an_update_reads_the_entities_again_that_it_touched)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<const author> bob = co_await s.get<const author>(2);
        const orm::ref<const author> cid = co_await s.get<const author>(3);
        sent.clear();
        const tusk::command_tag said =
            co_await s.execute(orm::update<author>().set(col<&author::name>, "Robert").where(col<&author::id> <= 2));
        EXPECT_EQ(said.rows_affected(), 2U);
        EXPECT_EQ(bob->name, "Robert");
        EXPECT_EQ(cid->name, "Cid");
        EXPECT_EQ(sent.count(), 2U);
    });
}

TEST(orm_bulk, where_no_entity_is_here_nothing_comes_back)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        co_await s.execute(orm::update<author>().set(col<&author::name>, "X"));
        EXPECT_EQ(sent.count(), 1U);
        EXPECT_EQ(sent.back().find("RETURNING"), std::string::npos);
    });
}

TEST(orm_bulk, a_delete_takes_its_entities_out_of_the_session)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<const review> first = co_await s.get<const review>(1);
        const orm::ref<const review> third = co_await s.get<const review>(3);
        const tusk::command_tag said = co_await s.execute(orm::delete_from<review>().where(col<&review::stars> > 2));
        EXPECT_EQ(said.rows_affected(), 2U);
        const auto gone = co_await s.get<review>(1);
        EXPECT_FALSE(gone);
        EXPECT_EQ(third->stars, 1);
        co_await s.commit();
        EXPECT_THROW(static_cast<void>(first->stars), tusk::usage_error);
    });
}

TEST(orm_bulk, a_delete_that_is_rolled_back_was_none)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<const review> first = co_await s.get<const review>(1);
        co_await s.execute(orm::delete_from<review>());
        co_await s.rollback();
        EXPECT_EQ(first->stars, 5);
        const auto same = co_await s.get<const review>(1);
        EXPECT_EQ(same, first);
    });
}

TEST(orm_bulk, returning_gives_rows_and_entities)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<const author> bob = co_await s.get<const author>(2);
        const auto changed = co_await s.execute(orm::update<author>()
                                                    .set(col<&author::name>, "Robert")
                                                    .where(col<&author::id> == 2)
                                                    .returning(orm::whole<author>));
        EXPECT_EQ(changed.size(), 1U);
        EXPECT_EQ(changed[0], bob);
        EXPECT_EQ(bob->name, "Robert"); // the row is what the database has now
        sent.clear();

        const auto values = co_await s.execute(orm::update<author>()
                                                   .set(col<&author::name>, "Rob")
                                                   .where(col<&author::id> == 2)
                                                   .returning(col<&author::id>));
        EXPECT_EQ(values.size(), 1U);
        EXPECT_EQ(values[0], 2);
        EXPECT_EQ(bob->name, "Rob");
        EXPECT_EQ(sent.count(), 2U);

        const auto made =
            co_await s.one(orm::insert_into<genre>().value(col<&genre::label>, "drama").returning(orm::whole<genre>));
        EXPECT_EQ(made->label, "drama");
    });
}

TEST(orm_bulk, an_entity_with_unsaved_changes_keeps_them)
{
    run_in_library([](const tusk::engine& engine, sent_statements&) -> asio::awaitable<void> {
        orm::session s{engine};
        const auto bob = co_await s.get<author>(2);
        bob->name = "Bobby";
        // The statement is about the same table, so the change is flushed before it.
        co_await s.execute(
            orm::update<author>().set(col<&author::mentor_id>, std::nullopt).where(col<&author::id> == 2));
        EXPECT_EQ(bob->name, "Bobby");
        EXPECT_EQ(bob->mentor_id, std::nullopt);
        co_await s.commit();
        const std::string said = tusk::test::server().run_sql("SELECT name FROM authors WHERE id = 2");
        EXPECT_EQ(said, "Bobby\n");
    });
}

TEST(orm_bulk, an_insert_that_becomes_an_update_brings_what_the_row_is_now)
{
    run_in_library([](const tusk::engine& engine, sent_statements& sent) -> asio::awaitable<void> {
        orm::session s{engine};
        const orm::ref<author> ann = co_await s.get<author>(1);
        const orm::ref<const author> bob = co_await s.get<const author>(2);
        auto upsert = orm::insert_into<author>()
                          .value(col<&author::id>, 1)
                          .value(col<&author::name>, "Anna")
                          .on_conflict(col<&author::id>)
                          .do_update()
                          .set(col<&author::name>, orm::excluded(col<&author::name>));
        const auto came = co_await s.one(upsert.returning(orm::whole<author>));
        EXPECT_EQ(came, ann);
        EXPECT_EQ(ann->name, "Anna");
        sent.clear();
        co_await s.flush();
        EXPECT_EQ(sent.count(), 0U) << "that is no change of ours";

        // Without RETURNING, and with one of values: entities follow all the same.
        auto further = orm::insert_into<author>()
                           .value(col<&author::id>, 2)
                           .value(col<&author::name>, "Bobby")
                           .on_conflict(col<&author::id>)
                           .do_update()
                           .set(col<&author::name>, orm::excluded(col<&author::name>));
        co_await s.execute(further);
        EXPECT_EQ(bob->name, "Bobby");
        EXPECT_EQ(sent.count(), 2U);
        auto with_value = orm::insert_into<author>()
                              .value(col<&author::id>, 2)
                              .value(col<&author::name>, "Robert")
                              .on_conflict(col<&author::id>)
                              .do_update()
                              .set(col<&author::name>, orm::excluded(col<&author::name>))
                              .returning(col<&author::name>);
        const std::string name = co_await s.one(with_value);
        EXPECT_EQ(name, "Robert");
        EXPECT_EQ(bob->name, "Robert");

        // What was changed and not sent stays ours.
        const auto quiet = s.no_autoflush();
        ann->name = "Annika";
        const auto again = co_await s.one(upsert.returning(orm::whole<author>));
        EXPECT_EQ(again, ann);
        EXPECT_EQ(ann->name, "Annika");
    });
}

} // namespace
