// A COMMIT of which nobody knows whether it took effect, and the entities that were in it.
#include "support/fault_proxy.hpp"
#include "unit_of_work_testing.hpp"

#include <string_view>

namespace tusk::test {
namespace {

using way = fault_proxy::way;

struct co_item;
struct co_box {
    std::int64_t id{};
    std::string name;
    orm::has_many<co_item> items{};

    static constexpr auto table =
        orm::table("co_boxes", orm::column<&co_box::id>(orm::primary_key), orm::column<&co_box::name>(),
                   orm::relationship<&co_box::items>(orm::back_populates("box"), orm::cascade::all_delete_orphan));
};
struct co_item {
    std::int64_t id{};
    std::int64_t box_id{};
    orm::belongs_to<co_box> box{};

    static constexpr auto table =
        orm::table("co_items", orm::column<&co_item::id>(orm::primary_key),
                   orm::column<&co_item::box_id>(orm::references<&co_box::id>()),
                   orm::relationship<&co_item::box>(orm::via<&co_item::box_id>, orm::back_populates("items")));
};

const orm::metadata models = orm::describe<co_box, co_item>();

class orm_commit_outcome : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!server().is_own())
            GTEST_SKIP() << "the proxy needs a server of our own";
    }
};

co_box box_named(std::string name)
{
    co_box made;
    made.name = std::move(name);
    return made;
}

/// One box is changed, one is new, one is removed, and the connection breaks when COMMIT goes that way.
asio::awaitable<void> lose_a_commit(way where, bool is_there)
{
    connection conn = co_await connect(server().url());
    co_await orm::drop_all(conn, models);
    co_await orm::create_all(conn, models);
    fault_proxy proxy;
    const auto executor = co_await asio::this_coro::executor;
    const engine on{executor, connect_options{proxy.url()}};
    orm::session s{on};
    orm::ref<co_box> changed = s.add(box_named("one"));
    orm::ref<co_box> removed = s.add(box_named("two"));
    co_await s.commit();

    int told = 0;
    s.after_commit([&] { ++told; });
    s.after_rollback([&] { ++told; });
    changed->name = "changed";
    s.remove(removed);
    orm::ref<co_box> fresh = s.add(box_named("three"));
    orm::ref<co_item> item = s.add(co_item{});
    fresh->items.add(item);
    co_await s.flush();
    proxy.cut_before(where, std::string_view{"COMMIT\0", 7});
    EXPECT_THROW(co_await s.commit(), commit_outcome_unknown);
    EXPECT_EQ(told, 0) << "neither is known";

    // The handles say what was sent, and nothing can be lost by changing them unseen.
    EXPECT_EQ(changed->name, "changed");
    EXPECT_EQ(removed->name, "two");
    EXPECT_EQ(fresh->items.front(), item);
    EXPECT_THROW(fresh->items.remove(item), usage_error);
    EXPECT_EQ(s.size(), 0);
    changed->name = "again";
    const std::string said = co_await [](orm::session& of) -> asio::awaitable<std::string> {
        try {
            co_await of.commit();
        } catch (const pending_rollback& refused) {
            co_return refused.what();
        }
        co_return "";
    }(s);
    EXPECT_NE(said.find("not known"), std::string::npos) << said;
    EXPECT_NE(said.find("rollback()"), std::string::npos) << said;
    EXPECT_THROW(static_cast<void>(co_await s.get<co_box>(1)), pending_rollback);
    EXPECT_THROW(co_await s.flush(), pending_rollback);

    co_await s.rollback();
    orm::ref<co_box> found = co_await s.get_one<co_box>(1);
    EXPECT_NE(found, changed);
    EXPECT_EQ(found->name, is_there ? "changed" : "one");
    const auto boxes = co_await s.count(orm::select<co_box>());
    EXPECT_EQ(boxes, 2);
    found->name = "decided anew";
    co_await s.commit();
    EXPECT_EQ(told, 2) << "the rollback, and this commit";
    const auto now = co_await conn.query_one<std::string>("SELECT string_agg(name, ',' ORDER BY id) FROM co_boxes");
    EXPECT_EQ(now, is_there ? "decided anew,three" : "decided anew,two");
    co_await conn.close();
}

TEST_F(orm_commit_outcome, entities_leave_the_session_where_the_answer_is_lost)
{
    run([]() -> asio::awaitable<void> { co_await lose_a_commit(way::to_client, true); });
}

TEST_F(orm_commit_outcome, and_where_the_request_is_lost)
{
    run([]() -> asio::awaitable<void> { co_await lose_a_commit(way::to_server, false); });
}

TEST_F(orm_commit_outcome, a_session_that_is_destroyed_then_leaves_its_handles_alive)
{
    run([]() -> asio::awaitable<void> {
        connection conn = co_await connect(server().url());
        co_await orm::drop_all(conn, models);
        co_await orm::create_all(conn, models);
        orm::ref<co_box> kept;
        {
            fault_proxy proxy;
            const auto executor = co_await asio::this_coro::executor;
            const engine on{executor, connect_options{proxy.url()}};
            orm::session s{on};
            kept = s.add(box_named("one"));
            co_await s.flush();
            proxy.cut_before(way::to_client, std::string_view{"COMMIT\0", 7});
            EXPECT_THROW(co_await s.commit(), commit_outcome_unknown);
        }
        EXPECT_EQ(kept->name, "one");
        co_await conn.close();
    });
}

} // namespace
} // namespace tusk::test
