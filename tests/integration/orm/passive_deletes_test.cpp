#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct pd_item;
struct pd_note;
struct pd_log;

struct pd_owner {
    std::int64_t id{};
    std::string name;
    orm::has_many<pd_item> items{};
    orm::has_many<pd_note> notes{};
    orm::has_many<pd_log> logs{};

    static constexpr auto table =
        orm::table("pd_owners", orm::column<&pd_owner::id>(orm::primary_key), orm::column<&pd_owner::name>(),
                   orm::relationship<&pd_owner::items>(orm::back_populates("owner"), orm::cascade::all_delete_orphan,
                                                       orm::passive_deletes::yes),
                   orm::relationship<&pd_owner::notes>(orm::passive_deletes::yes),
                   orm::relationship<&pd_owner::logs>(orm::back_populates("owner"), orm::passive_deletes::all));
};

struct pd_item {
    std::int64_t id{};
    std::int64_t owner_id{};
    orm::belongs_to<pd_owner> owner{};

    static constexpr auto table =
        orm::table("pd_items", orm::column<&pd_item::id>(orm::primary_key),
                   orm::column<&pd_item::owner_id>(orm::references<&pd_owner::id>(orm::on_delete::cascade)),
                   orm::relationship<&pd_item::owner>(orm::via<&pd_item::owner_id>, orm::back_populates("items")));
};

/// The relation is known to one side only.
struct pd_note {
    std::int64_t id{};
    std::optional<std::int64_t> owner_id;

    static constexpr auto table =
        orm::table("pd_notes", orm::column<&pd_note::id>(orm::primary_key),
                   orm::column<&pd_note::owner_id>(orm::references<&pd_owner::id>(orm::on_delete::set_null)));
};

struct pd_log {
    std::int64_t id{};
    std::optional<std::int64_t> owner_id;
    orm::belongs_to<pd_owner> owner{};

    static constexpr auto table =
        orm::table("pd_logs", orm::column<&pd_log::id>(orm::primary_key),
                   orm::column<&pd_log::owner_id>(orm::references<&pd_owner::id>(orm::on_delete::set_null)),
                   orm::relationship<&pd_log::owner>(orm::via<&pd_log::owner_id>, orm::back_populates("logs")));
};

const orm::metadata models = orm::describe<pd_owner, pd_item, pd_note, pd_log>();

/// An owner with two of each.
template <class Body>
void run_with_owner(Body body)
{
    run_with_models(models, [&](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO pd_owners (name) VALUES ('ann'), ('bob')");
            for (const std::string_view table : {"pd_items", "pd_notes", "pd_logs"})
                co_await conn.execute("INSERT INTO " + std::string{table} + " (owner_id) VALUES (1), (1)");
        }
        orm::session s{on};
        co_await body(s, sent);
    });
}

TEST(orm_passive_deletes, what_is_not_loaded_is_left_to_the_server)
{
    run_with_owner([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<pd_owner> ann = co_await s.get_one<pd_owner>(1);
        sent.clear();
        s.remove(ann);
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"DELETE FROM pd_owners WHERE id = $1", "commit"}));
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_items"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_notes WHERE owner_id IS NULL"), 2);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_logs WHERE owner_id IS NULL"), 2);
    });
}

TEST(orm_passive_deletes, what_is_loaded_is_deleted_or_released_one_by_one)
{
    run_with_owner([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        auto with_all = orm::select<pd_owner>()
                            .where(orm::col<&pd_owner::id> == 1)
                            .options(orm::selectinload<&pd_owner::items>(), orm::selectinload<&pd_owner::notes>());
        orm::ref<pd_owner> ann = co_await s.one(with_all);
        orm::ref<pd_item> item = ann->items.front();
        orm::ref<pd_note> note = ann->notes.front();
        sent.clear();
        s.remove(ann);
        co_await s.commit();
        EXPECT_EQ(sent.take(),
                  (texts{"UPDATE pd_notes SET owner_id = $1 WHERE id = $2",
                         "DELETE FROM pd_items WHERE id = $1; DELETE FROM pd_owners WHERE id = $1", "commit"}));
        EXPECT_THROW(static_cast<void>(item->owner_id), usage_error) << "it is dead, as its row is gone";
        EXPECT_EQ(note->owner_id, std::nullopt) << "the entity says what the row says";
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_items"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_notes WHERE owner_id IS NULL"), 2);
    });
}

TEST(orm_passive_deletes, what_was_put_in_since_the_last_flush_is_no_matter_of_the_server)
{
    run_with_owner([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<pd_owner> ann = co_await s.get_one<pd_owner>(1);
        orm::ref<pd_item> fresh = s.add(pd_item{});
        orm::ref<pd_note> kept = s.add(pd_note{});
        ann->items.add(fresh);
        ann->notes.add(kept);
        s.remove(ann);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_items"), 0);
        EXPECT_EQ(kept->owner_id, std::nullopt);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM pd_notes"), 3);
    });
}

TEST(orm_passive_deletes, an_orphan_is_deleted_by_us_all_the_same)
{
    run_with_owner([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        auto with_items =
            orm::select<pd_owner>().where(orm::col<&pd_owner::id> == 1).options(orm::selectinload<&pd_owner::items>());
        orm::ref<pd_owner> ann = co_await s.one(with_items);
        sent.clear();
        ann->items.remove(ann->items.front());
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"DELETE FROM pd_items WHERE id = $1", "commit"}));
    });
}

TEST(orm_passive_deletes, all_touches_nothing_loaded_or_not)
{
    run_with_owner([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        auto with_logs =
            orm::select<pd_owner>().where(orm::col<&pd_owner::id> == 1).options(orm::selectinload<&pd_owner::logs>());
        orm::ref<pd_owner> ann = co_await s.one(with_logs);
        orm::ref<pd_log> log = ann->logs.front();
        sent.clear();
        s.remove(ann);
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"DELETE FROM pd_owners WHERE id = $1", "commit"}));
        co_await s.refresh(log);
        EXPECT_EQ(log->owner_id, std::nullopt) << "the server has released it";
    });
}

TEST(orm_passive_deletes, a_rollback_brings_everything_back)
{
    run_with_owner([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        auto with_all = orm::select<pd_owner>()
                            .where(orm::col<&pd_owner::id> == 1)
                            .options(orm::selectinload<&pd_owner::items>(), orm::selectinload<&pd_owner::notes>());
        orm::ref<pd_owner> ann = co_await s.one(with_all);
        orm::ref<pd_item> item = ann->items.front();
        orm::ref<pd_note> note = ann->notes.front();
        s.remove(ann);
        co_await s.flush();
        EXPECT_EQ(note->owner_id, std::nullopt);
        co_await s.rollback();
        EXPECT_EQ(item->owner.get(), ann);
        EXPECT_EQ(note->owner_id, 1);
        EXPECT_EQ(ann->items.size(), 2);
        EXPECT_EQ(ann->notes.size(), 2);
    });
}

} // namespace
} // namespace tusk::test
