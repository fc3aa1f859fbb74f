#include "unit_of_work_testing.hpp"

#include <optional>

namespace tusk::test {
namespace {

struct ck_line;
struct ck_remark;

/// Its key is of two columns, neither from the server.
struct ck_order {
    std::int32_t year{};
    std::string number;
    std::string customer;
    orm::has_many<ck_line> lines{};
    orm::has_many<ck_remark> remarks{};

    static constexpr auto table =
        orm::table("ck_orders", orm::column<&ck_order::year>(orm::primary_key),
                   orm::column<&ck_order::number>(orm::primary_key), orm::column<&ck_order::customer>(),
                   orm::relationship<&ck_order::lines>(orm::back_populates("order"), orm::cascade::all_delete_orphan),
                   orm::relationship<&ck_order::remarks>(orm::back_populates("order")));
};

/// The order's key is part of its own, and rows refer to it in turn.
struct ck_part;
struct ck_line {
    std::int32_t order_year{};
    std::string order_number;
    std::int32_t position{};
    std::string what;
    orm::belongs_to<ck_order> order{};
    orm::has_many<ck_part> parts{};

    static constexpr auto table =
        orm::table("ck_lines", orm::column<&ck_line::order_year>(orm::primary_key),
                   orm::column<&ck_line::order_number>(orm::primary_key),
                   orm::column<&ck_line::position>(orm::primary_key), orm::column<&ck_line::what>(),
                   orm::foreign_key<&ck_line::order_year, &ck_line::order_number>(
                       orm::references_all<&ck_order::year, &ck_order::number>()),
                   orm::relationship<&ck_line::order>(orm::back_populates("lines")),
                   orm::relationship<&ck_line::parts>(orm::back_populates("line"), orm::cascade::all_delete_orphan));
};

struct ck_part {
    std::int64_t id{};
    std::int32_t order_year{};
    std::string order_number;
    std::int32_t position{};
    orm::belongs_to<ck_line> line{};

    static constexpr auto table =
        orm::table("ck_parts", orm::column<&ck_part::id>(orm::primary_key), orm::column<&ck_part::order_year>(),
                   orm::column<&ck_part::order_number>(), orm::column<&ck_part::position>(),
                   orm::foreign_key<&ck_part::order_year, &ck_part::order_number, &ck_part::position>(
                       orm::references_all<&ck_line::order_year, &ck_line::order_number, &ck_line::position>()),
                   orm::relationship<&ck_part::line>(orm::back_populates("parts")));
};

/// Its order may be none.
struct ck_remark {
    std::int64_t id{};
    std::string text;
    std::optional<std::int32_t> order_year;
    std::optional<std::string> order_number;
    orm::belongs_to<ck_order> order{};

    static constexpr auto table =
        orm::table("ck_remarks", orm::column<&ck_remark::id>(orm::primary_key), orm::column<&ck_remark::text>(),
                   orm::column<&ck_remark::order_year>(), orm::column<&ck_remark::order_number>(),
                   orm::foreign_key<&ck_remark::order_year, &ck_remark::order_number>(
                       orm::references_all<&ck_order::year, &ck_order::number>()),
                   orm::relationship<&ck_remark::order>(orm::back_populates("remarks")));
};

/// Its key comes from the server; that of its rooms is of its own and a number, that of their beds of all three.
struct ck_room;
struct ck_house {
    std::int64_t id{};
    orm::has_many<ck_room> rooms{};

    static constexpr auto table =
        orm::table("ck_houses", orm::column<&ck_house::id>(orm::primary_key),
                   orm::relationship<&ck_house::rooms>(orm::back_populates("house"), orm::cascade::all));
};
struct ck_bed;
struct ck_room {
    std::int64_t house_id{};
    std::int32_t number{};
    orm::belongs_to<ck_house> house{};
    orm::has_many<ck_bed> beds{};

    static constexpr auto table =
        orm::table("ck_rooms", orm::column<&ck_room::house_id>(orm::primary_key, orm::references<&ck_house::id>()),
                   orm::column<&ck_room::number>(orm::primary_key),
                   orm::relationship<&ck_room::house>(orm::back_populates("rooms")),
                   orm::relationship<&ck_room::beds>(orm::back_populates("room"), orm::cascade::all));
};
struct ck_bed {
    std::int64_t house_id{};
    std::int32_t room_number{};
    std::string side;
    orm::belongs_to<ck_room> room{};

    static constexpr auto table =
        orm::table("ck_beds", orm::column<&ck_bed::house_id>(orm::primary_key),
                   orm::column<&ck_bed::room_number>(orm::primary_key), orm::column<&ck_bed::side>(orm::primary_key),
                   orm::foreign_key<&ck_bed::house_id, &ck_bed::room_number>(
                       orm::references_all<&ck_room::house_id, &ck_room::number>()),
                   orm::relationship<&ck_bed::room>(orm::back_populates("beds")));
};

const orm::metadata models = orm::describe<ck_order, ck_line, ck_part, ck_remark, ck_house, ck_room, ck_bed>();

template <class Body>
void run_with_orders(Body body)
{
    run_with_models(models, [&](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        co_await body(s, sent);
    });
}

ck_order ordered(std::int32_t year, std::string number)
{
    ck_order made;
    made.year = year;
    made.number = std::move(number);
    return made;
}
ck_line line_at(std::int32_t position, std::string what)
{
    ck_line made;
    made.position = position;
    made.what = std::move(what);
    return made;
}
ck_remark remark(std::string text)
{
    ck_remark made;
    made.text = std::move(text);
    return made;
}

TEST(orm_composite_keys, children_take_all_columns_of_the_key)
{
    run_with_orders([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<ck_part> part = s.add(ck_part{});
        orm::ref<ck_line> line = s.add(line_at(1, "tea"));
        orm::ref<ck_order> order = s.add(ordered(2026, "A'\"\\1"));
        order->lines.add(line);
        line->parts.add(part);
        order->remarks.add(s.add(remark("urgent")));
        co_await s.commit();
        EXPECT_EQ(sent.take().size(), 2) << "no key comes from the server that others wait for: one flight, and COMMIT";
        EXPECT_EQ(part->order_number, "A'\"\\1");
        EXPECT_EQ(part->position, 1);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ck_parts JOIN ck_lines USING (order_year, "
                                                   "order_number, position) JOIN ck_remarks USING (order_year, "
                                                   "order_number)"),
                  1);
        EXPECT_EQ((co_await s.get<ck_line>(2026, "A'\"\\1", 1)), line);
    });
}

TEST(orm_composite_keys, a_key_from_the_server_is_handed_on_from_row_to_row)
{
    run_with_orders([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        ck_bed left;
        left.side = "left";
        left.room_number = 7; // said already, and the same
        orm::ref<ck_bed> bed = s.add(std::move(left));
        ck_room blue;
        blue.number = 7;
        orm::ref<ck_room> room = s.add(std::move(blue));
        orm::ref<ck_house> house = s.add(ck_house{});
        room->beds.add(bed);
        house->rooms.add(room);
        co_await s.commit();
        EXPECT_EQ(bed->house_id, house->id);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ck_beds JOIN ck_rooms ON number = room_number "
                                                   "AND ck_rooms.house_id = ck_beds.house_id"),
                  1);
        EXPECT_EQ((co_await s.get<ck_bed>(house->id, 7, "left")), bed);
        s.remove(house);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ck_beds"), 0);
    });
}

TEST(orm_composite_keys, a_child_moves_to_another_parent)
{
    run_with_orders([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        orm::ref<ck_order> one = s.add(ordered(2025, "1"));
        orm::ref<ck_order> two = s.add(ordered(2026, "1"));
        orm::ref<ck_remark> said = s.add(remark("late"));
        one->remarks.add(said);
        co_await s.commit();
        sent.clear();
        two->remarks.add(said);
        co_await s.commit();
        EXPECT_EQ(sent.take(), (texts{"UPDATE ck_remarks SET order_year = $1 WHERE id = $2", "commit"}))
            << "only the column that differs";
        EXPECT_TRUE(one->remarks.empty());
        two->remarks.remove(said);
        co_await s.commit();
        EXPECT_EQ(said->order_year, std::nullopt);
        EXPECT_EQ(said->order_number, std::nullopt);
        EXPECT_EQ(
            co_await committed<std::int64_t>("SELECT num_nulls(order_year, order_number)::bigint FROM ck_remarks"), 2);
    });
}

TEST(orm_composite_keys, a_child_whose_key_the_parent_is_part_of_moves_with_its_key)
{
    run_with_orders([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ck_order> one = s.add(ordered(2025, "1"));
        orm::ref<ck_order> two = s.add(ordered(2026, "2"));
        orm::ref<ck_line> line = s.add(line_at(1, "tea"));
        one->lines.add(line);
        co_await s.commit();
        two->lines.add(line);
        co_await s.commit();
        EXPECT_EQ(line->order_year, 2026);
        EXPECT_EQ((co_await s.get<ck_line>(2026, "2", 1)), line) << "the identity map knows it by its new key";
        EXPECT_FALSE((co_await s.get<ck_line>(2025, "1", 1)));
        EXPECT_EQ(co_await committed<std::string>("SELECT order_number FROM ck_lines"), "2");
    });
}

TEST(orm_composite_keys, an_orphan_and_what_hangs_on_it_go)
{
    run_with_orders([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        orm::ref<ck_order> order = s.add(ordered(2026, "1"));
        orm::ref<ck_line> one = s.add(line_at(1, "tea"));
        orm::ref<ck_line> two = s.add(line_at(2, "milk"));
        order->lines.add(one);
        order->lines.add(two);
        one->parts.add(s.add(ck_part{}));
        two->parts.add(s.add(ck_part{}));
        co_await s.commit();
        order->lines.remove(one);
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT what FROM ck_lines"), "milk");
        EXPECT_EQ(co_await committed<std::int32_t>("SELECT position FROM ck_parts"), 2);
        EXPECT_THROW(static_cast<void>(one->what), usage_error);
    });
}

TEST(orm_composite_keys, what_is_not_loaded_is_found_by_all_columns)
{
    run_with_orders([](orm::session& s, sent_requests& sent) -> asio::awaitable<void> {
        {
            connection conn = co_await connect(server().url());
            co_await conn.execute("INSERT INTO ck_orders (year, number, customer) VALUES (2025, '1', ''), "
                                  "(2025, '2', ''), (2026, '1', '')");
            co_await conn.execute("INSERT INTO ck_lines (order_year, order_number, position, what) VALUES "
                                  "(2025, '1', 1, 'a'), (2025, '2', 1, 'b'), (2026, '1', 1, 'c'), (2026, '1', 2, 'd')");
            co_await conn.execute("INSERT INTO ck_parts (order_year, order_number, position) VALUES (2025, '1', 1), "
                                  "(2026, '1', 2)");
            co_await conn.execute("INSERT INTO ck_remarks (text, order_year, order_number) VALUES ('x', 2025, '1'), "
                                  "('y', 2026, '1'), ('z', NULL, NULL)");
        }
        orm::ref<ck_order> one = (co_await s.get_one<ck_order>(2025, "1"));
        orm::ref<ck_order> two = (co_await s.get_one<ck_order>(2026, "1"));
        orm::ref<ck_remark> said = co_await s.get_one<ck_remark>(2);
        sent.clear();
        s.remove(one);
        s.remove(two);
        co_await s.commit();
        EXPECT_EQ(
            sent.take(),
            (texts{"SELECT order_year, order_number, position FROM ck_lines WHERE (order_year, order_number) IN "
                   "(SELECT * FROM unnest($1::integer[], $2::text[]))",
                   "UPDATE ck_remarks SET order_year = NULL, order_number = NULL WHERE (order_year, order_number) IN "
                   "(SELECT * FROM unnest($1::integer[], $2::text[])) RETURNING id; DELETE FROM ck_parts WHERE "
                   "(order_year, order_number, position) IN (SELECT * FROM unnest($1::integer[], $2::text[], "
                   "$3::integer[])) RETURNING id; DELETE FROM ck_lines WHERE (order_year, "
                   "order_number, position) IN (SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[])) "
                   "RETURNING order_year, order_number, position; DELETE FROM ck_orders WHERE year = $1 AND "
                   "number = $2",
                   "commit"}));
        EXPECT_EQ(said->order_number, std::nullopt) << "it was released";
        EXPECT_EQ(co_await committed<std::string>("SELECT what FROM ck_lines"), "b");
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ck_parts"), 0);
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM ck_remarks WHERE order_year IS NULL AND "
                                                   "order_number IS NULL"),
                  3);
    });
}

TEST(orm_composite_keys, a_swap_of_keys_is_told_apart)
{
    run_with_orders([](orm::session& s, sent_requests&) -> asio::awaitable<void> {
        // ("1", "23") and ("12", "3") must not be taken for one another.
        s.add(ordered(1, "23"));
        s.add(ordered(12, "3"));
        s.add(ordered(1, ""));
        co_await s.commit();
        orm::ref<ck_order> first = (co_await s.get_one<ck_order>(1, "23"));
        orm::ref<ck_order> second = (co_await s.get_one<ck_order>(12, "3"));
        EXPECT_NE(first, second);
        EXPECT_TRUE((co_await s.get<ck_order>(1, "")));
        EXPECT_FALSE((co_await s.get<ck_order>(12, "23")));
        s.remove(first);
        s.add(ordered(1, "23"))->customer = "ann";
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT customer FROM ck_orders WHERE number = '23'"), "ann");
    });
}

} // namespace
} // namespace tusk::test
