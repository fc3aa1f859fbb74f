#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct cr_album;
struct cr_cover;
struct cr_song;
struct cr_take;

/// What it has goes with it, by whatever relation.
struct cr_album {
    std::int64_t id{};
    std::optional<std::int64_t> cover_id;
    orm::belongs_to<cr_cover> cover{};
    orm::many_to_many<cr_song> songs{};

    static constexpr auto table =
        orm::table("cr_albums", orm::column<&cr_album::id>(orm::primary_key),
                   orm::column<&cr_album::cover_id>(orm::references_key_of<cr_cover>()),
                   orm::relationship<&cr_album::cover>(orm::via<&cr_album::cover_id>, orm::cascade::all),
                   orm::relationship<&cr_album::songs>(orm::secondary("cr_album_songs"), orm::back_populates("albums"),
                                                       orm::cascade::all));
};

/// It has children of its own: pages of a booklet.
struct cr_page;
struct cr_cover {
    std::int64_t id{};
    orm::has_many<cr_page> pages{};

    static constexpr auto table =
        orm::table("cr_covers", orm::column<&cr_cover::id>(orm::primary_key),
                   orm::relationship<&cr_cover::pages>(orm::back_populates("cover"), orm::cascade::all));
};
struct cr_page {
    std::int64_t id{};
    std::int64_t cover_id{};
    orm::belongs_to<cr_cover> cover{};

    static constexpr auto table =
        orm::table("cr_pages", orm::column<&cr_page::id>(orm::primary_key),
                   orm::column<&cr_page::cover_id>(orm::references<&cr_cover::id>()),
                   orm::relationship<&cr_page::cover>(orm::via<&cr_page::cover_id>, orm::back_populates("pages")));
};

struct cr_song {
    std::int64_t id{};
    std::string title;
    orm::many_to_many<cr_album> albums{};
    orm::has_many<cr_take> takes{};

    static constexpr auto table =
        orm::table("cr_songs", orm::column<&cr_song::id>(orm::primary_key), orm::column<&cr_song::title>(),
                   orm::relationship<&cr_song::albums>(orm::secondary("cr_album_songs"), orm::back_populates("songs")),
                   orm::relationship<&cr_song::takes>(orm::back_populates("song"), orm::cascade::all));
};
struct cr_take {
    std::int64_t id{};
    std::int64_t song_id{};
    orm::belongs_to<cr_song> song{};

    static constexpr auto table =
        orm::table("cr_takes", orm::column<&cr_take::id>(orm::primary_key),
                   orm::column<&cr_take::song_id>(orm::references<&cr_song::id>()),
                   orm::relationship<&cr_take::song>(orm::via<&cr_take::song_id>, orm::back_populates("takes")));
};

/// The last one takes the whole chain along.
struct cr_link {
    std::int64_t id{};
    std::optional<std::int64_t> next_id;
    orm::belongs_to<cr_link> next{};

    static constexpr auto table =
        orm::table("cr_links", orm::column<&cr_link::id>(orm::primary_key),
                   orm::column<&cr_link::next_id>(orm::references_key_of<cr_link>()),
                   orm::relationship<&cr_link::next>(orm::via<&cr_link::next_id>, orm::cascade::all));
};

/// Rows of two tables that refer to each other, without a word about post_update.
struct cr_member;
struct cr_club {
    std::int64_t id{};
    std::optional<std::int64_t> chair_id;
    orm::belongs_to<cr_member> chair{};
    orm::has_many<cr_member> members{};

    static constexpr auto table =
        orm::table("cr_clubs", orm::column<&cr_club::id>(orm::primary_key),
                   orm::column<&cr_club::chair_id>(orm::references_key_of<cr_member>()),
                   orm::relationship<&cr_club::chair>(orm::via<&cr_club::chair_id>),
                   orm::relationship<&cr_club::members>(orm::back_populates("club"), orm::cascade::all));
};
struct cr_member {
    std::int64_t id{};
    std::optional<std::int64_t> club_id;
    orm::belongs_to<cr_club> club{};

    static constexpr auto table =
        orm::table("cr_members", orm::column<&cr_member::id>(orm::primary_key),
                   orm::column<&cr_member::club_id>(orm::references<&cr_club::id>()),
                   orm::relationship<&cr_member::club>(orm::via<&cr_member::club_id>, orm::back_populates("members")));
};

const orm::metadata models =
    orm::describe<cr_album, cr_cover, cr_page, cr_song, cr_take, cr_link, cr_club, cr_member>();

asio::awaitable<std::string> counts()
{
    return committed<std::string>("SELECT concat_ws(' ', (SELECT count(*) FROM cr_albums), (SELECT count(*) FROM "
                                  "cr_covers), (SELECT count(*) FROM cr_pages), (SELECT count(*) FROM cr_songs), "
                                  "(SELECT count(*) FROM cr_takes), (SELECT count(*) FROM cr_album_songs))");
}

/// Two albums; the first has two songs, and a cover with a page.
template <class Body>
void run_with_albums(Body body)
{
    run_with_models(models, [&](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            for (const std::string_view sql :
                 {"INSERT INTO cr_covers SELECT FROM generate_series(1, 2)",
                  "INSERT INTO cr_pages (cover_id) VALUES (1), "
                  "(2)",
                  "INSERT INTO cr_albums (cover_id) VALUES (1), (NULL)",
                  "INSERT INTO cr_songs (title) VALUES ('a'), ('b'), ('c')",
                  "INSERT INTO cr_takes (song_id) VALUES (1), (2), (3)",
                  "INSERT INTO cr_album_songs (cr_album_id, cr_song_id) VALUES (1, 1), (1, 2), (2, 3)"})
                co_await conn.execute(sql);
        }
        orm::session s{on};
        co_await body(s, sent);
    });
}

TEST(orm_cascade_remove, what_is_not_loaded_goes_too)
{
    run_with_albums([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<cr_album> album = co_await s.get_one<cr_album>(1);
        orm::ref<cr_song> song = co_await s.get_one<cr_song>(2); // the session has it, the relation does not
        sent.clear();
        s.remove(album);
        co_await s.commit();
        EXPECT_EQ(sent.take(),
                  (texts{"SELECT id FROM cr_covers WHERE id = ANY($1)",
                         "SELECT id FROM cr_songs WHERE id IN (SELECT cr_song_id FROM cr_album_songs WHERE cr_album_id "
                         "= ANY($1))",
                         "DELETE FROM cr_takes WHERE song_id = ANY($1) RETURNING id; DELETE FROM cr_songs WHERE id "
                         "= ANY($1) RETURNING id; DELETE FROM cr_pages WHERE cover_id = ANY($1) RETURNING id; "
                         "DELETE FROM cr_albums WHERE id = $1; DELETE FROM cr_covers WHERE id = ANY($1) RETURNING id",
                         "commit"}));
        EXPECT_EQ(co_await counts(), "1 1 1 1 1 1");
        EXPECT_THROW(static_cast<void>(song->title), usage_error) << "its row is gone";
    });
}

TEST(orm_cascade_remove, what_is_loaded_goes_too)
{
    run_with_albums([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        auto with_all = orm::select<cr_album>()
                            .where(orm::col<&cr_album::id> == 1)
                            .options(orm::joinedload<&cr_album::cover>(), orm::selectinload<&cr_album::songs>());
        orm::ref<cr_album> album = co_await s.one(with_all);
        orm::ref<cr_song> song = album->songs.front();
        s.remove(album);
        co_await s.commit();
        EXPECT_EQ(co_await counts(), "1 1 1 1 1 1");
        EXPECT_THROW(static_cast<void>(song->title), usage_error);
    });
}

TEST(orm_cascade_remove, what_was_taken_out_before_stays_and_what_was_put_in_goes)
{
    run_with_albums([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<cr_album> album = co_await s.get_one<cr_album>(1);
        orm::ref<cr_song> out = co_await s.get_one<cr_song>(1);
        orm::ref<cr_song> in = co_await s.get_one<cr_song>(3);
        album->songs.remove(out);
        album->songs.add(in);
        s.remove(album);
        co_await s.commit();
        EXPECT_EQ(out->title, "a");
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(title, ',') FROM cr_songs"), "a");
    });
}

TEST(orm_cascade_remove, a_reference_that_was_changed_leads_where_it_leads_now)
{
    run_with_albums([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<cr_album> album = co_await s.get_one<cr_album>(1);
        album->cover = co_await s.get_one<cr_cover>(2);
        s.remove(album);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT id FROM cr_covers"), 1);
        orm::ref<cr_album> other = co_await s.get_one<cr_album>(2); // it has none
        s.remove(other);
        co_await s.commit();
        EXPECT_EQ(co_await counts(), "0 1 1 0 0 0");
    });
}

TEST(orm_cascade_remove, the_far_side_alone_takes_nothing_along)
{
    run_with_albums([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<cr_song> song = co_await s.get_one<cr_song>(1);
        s.remove(song);
        co_await s.commit();
        EXPECT_EQ(co_await counts(), "2 2 2 2 2 2");
    });
}

TEST(orm_cascade_remove, a_rollback_brings_everything_back)
{
    run_with_albums([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        auto with_songs =
            orm::select<cr_album>().where(orm::col<&cr_album::id> == 1).options(orm::selectinload<&cr_album::songs>());
        orm::ref<cr_album> album = co_await s.one(with_songs);
        s.remove(album);
        co_await s.flush();
        co_await s.rollback();
        EXPECT_EQ(album->songs.size(), 2);
        EXPECT_EQ(album->songs.front()->title.size(), 1);
        EXPECT_EQ(co_await counts(), "2 2 2 3 3 3");
        s.remove(album);
        co_await s.commit();
        EXPECT_EQ(co_await counts(), "1 1 1 1 1 1");
    });
}

TEST(orm_cascade_remove, a_chain_goes_from_its_beginning)
{
    run_with_models(models, [](const engine& on, sent_requests&) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO cr_links (next_id) VALUES (NULL), (1), (2), (3), (NULL)");
        }
        orm::session s{on};
        orm::ref<cr_link> third = co_await s.get_one<cr_link>(3);
        orm::ref<cr_link> last = co_await s.get_one<cr_link>(4);
        s.remove(last);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT string_agg(id::text, ',') FROM cr_links"), "5");
        EXPECT_THROW(static_cast<void>(third->next_id), usage_error);
    });
}

TEST(orm_cascade_remove, a_circle_of_tables_is_opened_first)
{
    run_with_models(models, [](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<cr_club> club = s.add(cr_club{});
        orm::ref<cr_member> chair = s.add(cr_member{});
        chair->club = club;
        club->chair = chair;
        co_await s.commit();
        sent.clear();
        s.remove(club);
        co_await s.flush();
        EXPECT_EQ(sent.take(), (texts{"UPDATE cr_clubs SET chair_id = NULL WHERE id = $1; DELETE FROM "
                                      "cr_members WHERE club_id = ANY($1) RETURNING id; DELETE FROM cr_clubs WHERE id "
                                      "= $1"}));
        co_await s.rollback();
        EXPECT_EQ(club->chair_id, chair->id);
        s.remove(chair); // the other way round: the club stays
        EXPECT_THROW(co_await s.flush(), foreign_key_violation);
        co_await s.rollback();
        club->chair = nullptr;
        s.remove(chair);
        s.remove(club);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM cr_clubs"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM cr_members"), 0);
    });
}

} // namespace
} // namespace tusk::test
