// What a statement becomes besides its text: parameters, the shape of rows, tables, what is still to load.
#include "query/compiled.hpp"
#include "support/query_cases/models.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {

namespace orm = tusk::orm;
using blog::post;
using blog::tag;
using blog::user;
using orm::col;
using orm::select;
using orm::detail::compile;
using orm::detail::compiled_output;
using tusk::test::staff::employee;
using tusk::test::staff::mood;

std::vector<tusk::oid> declared(const orm::detail::statement_base& of)
{
    std::vector<tusk::oid> types;
    const auto made = compile(of);
    for (const auto& each : made.parameters)
        types.push_back(each.declared());
    return types;
}

template <class T>
const T& value_of(const orm::detail::compiled_statement& of, std::size_t position)
{
    return *static_cast<const T*>(of.parameters.at(position).value);
}

using oids = std::vector<tusk::oid>;

TEST(orm_query_parameters, have_the_types_of_their_columns)
{
    EXPECT_EQ(declared(select<user>().where(col<&user::email> == "x")), (oids{1043}));       // varchar
    EXPECT_EQ(declared(select<post>().where(col<&post::content> == "x")), (oids{25}));       // text
    EXPECT_EQ(declared(select<user>().where(col<&user::id> == 1)), (oids{20}));              // bigint
    EXPECT_EQ(declared(select<employee>().where(col<&employee::rank> == 1)), (oids{23}));    // integer
    EXPECT_EQ(declared(select<employee>().where(col<&employee::salary> > 1)), (oids{1700})); // numeric
    EXPECT_EQ(declared(select<employee>().where(col<&employee::seen> > tusk::timestamptz{})), (oids{1184}));
    EXPECT_EQ(declared(orm::update<employee>().set(col<&employee::profile>, "{}")), (oids{3802})); // jsonb
    EXPECT_EQ(declared(orm::update<employee>().set(col<&employee::nick>, std::nullopt)), (oids{25}));
    EXPECT_EQ(declared(select<user>().limit(1).offset(2)), (oids{20, 20}));
}

TEST(orm_query_parameters, lists_have_the_array_type_of_the_column)
{
    EXPECT_EQ(declared(select<user>().where(col<&user::id>.in(std::vector<int>{1}))), (oids{1016}));
    EXPECT_EQ(declared(select<user>().where(col<&user::email>.in(std::vector<std::string>{"a"}))), (oids{1015}));
    EXPECT_EQ(declared(select<user>().where(orm::lower(col<&user::email>).in(std::vector<std::string>{"a"}))),
              (oids{1009}));
}

TEST(orm_query_parameters, the_server_decides_where_a_type_is_the_databases_own)
{
    EXPECT_EQ(declared(select<employee>().where(col<&employee::feels> == mood::glum)), (oids{0}));
    EXPECT_EQ(declared(select<employee>().where(col<&employee::feels>.in(std::vector<mood>{mood::glum}))), (oids{0}));
}

TEST(orm_query_parameters, a_number_that_the_column_cannot_hold_goes_as_one_that_can)
{
    const auto made = compile(select<employee>().where(col<&employee::rank> == std::int64_t{5'000'000'000}));
    EXPECT_EQ(made.parameters.at(0).declared(), 20U);
    EXPECT_EQ(value_of<std::int64_t>(made, 0), 5'000'000'000);
    const auto narrow = compile(select<employee>().where(col<&employee::rank> == std::int64_t{5}));
    EXPECT_EQ(narrow.parameters.at(0).declared(), 23U);
    EXPECT_EQ(value_of<int>(narrow, 0), 5);
    const auto compare = [] { (void)(col<&user::id> == std::uint64_t{1} << 63); };
    EXPECT_THROW(compare(), tusk::encode_error);
    const auto list = [] { (void)col<&employee::rank>.in(std::vector<std::int64_t>{5'000'000'000}); };
    EXPECT_THROW(list(), tusk::encode_error);
}

TEST(orm_query_parameters, what_like_gives_a_meaning_to_is_escaped)
{
    const auto text = [](const orm::expr<bool>& condition) {
        return value_of<std::string>(compile(select<user>().where(condition)), 0);
    };
    EXPECT_EQ(text(col<&user::name>.contains("50%_\\")), "%50\\%\\_\\\\%");
    EXPECT_EQ(text(col<&user::name>.startswith("a_")), "a\\_%");
    EXPECT_EQ(text(col<&user::name>.endswith("%")), "%\\%");
    EXPECT_EQ(text(col<&user::name>.like("a_%")), "a_%");
}

TEST(orm_query_parameters, are_owned)
{
    orm::detail::compiled_statement made;
    {
        std::string text(100, 'x');
        auto stmt = select<user>().where(col<&user::name> == text);
        made = compile(stmt);
        text.assign(100, 'y');
        stmt.where(col<&user::name> == "more");
    }
    EXPECT_EQ(value_of<std::string>(made, 0), std::string(100, 'x'));
    EXPECT_EQ(made.parameters.size(), 1U);
    const tusk::parameters listed = made.listed();
    made = {};
    EXPECT_EQ(*static_cast<const std::string*>(listed.view()[0].value), std::string(100, 'x'));
}

TEST(orm_query_text, does_not_depend_on_values)
{
    const auto text = [](const std::vector<std::int64_t>& ids, std::string_view name) {
        return orm::to_sql(select<user>().where(col<&user::id>.in(ids), col<&user::name> == name).limit(5));
    };
    EXPECT_EQ(text({}, "a"), text({1, 2, 3}, "b"));
}

TEST(orm_query_values, a_statement_is_a_value)
{
    const auto base = select(col<&user::id>).where(col<&user::id> > 1);
    auto more = base;
    more.where(col<&user::id> < 9).order_by(col<&user::id>);
    const auto other = select(col<&user::id>).where(col<&user::id> > 1);
    EXPECT_EQ(orm::to_sql(base), "SELECT users.id FROM users WHERE users.id > $1");
    EXPECT_EQ(orm::to_sql(base), orm::to_sql(other));
    EXPECT_EQ(orm::to_sql(more), "SELECT users.id FROM users WHERE users.id > $1 AND users.id < $2 ORDER BY users.id");

    auto change = orm::update<tag>().set(col<&tag::label>, "x");
    const auto before = change;
    change.where(col<&tag::id> == 1);
    EXPECT_EQ(orm::to_sql(before), "UPDATE tags SET label = $1");
}

TEST(orm_query_values, an_alias_is_itself_when_it_is_copied)
{
    const orm::alias<user> one;
    const orm::alias<user> same = one; // NOLINT(performance-unnecessary-copy-initialization): that is what is tested
    EXPECT_EQ(orm::to_sql(select(one[col<&user::id>]).where(same[col<&user::id>] == 1)),
              "SELECT users_1.id FROM users AS users_1 WHERE users_1.id = $1");
}

template <class Statement>
using result = orm::statement_result<Statement>;

TEST(orm_query_results, have_types)
{
    static_assert(std::is_same_v<result<decltype(select<user>())>, orm::ref<user>>);
    static_assert(std::is_same_v<result<decltype(select<user, post>())>, std::tuple<orm::ref<user>, orm::ref<post>>>);
    static_assert(std::is_same_v<result<decltype(select(col<&user::name>))>, std::string>);
    static_assert(std::is_same_v<result<decltype(select(col<&user::name>, orm::count_all()))>,
                                 std::tuple<std::string, std::int64_t>>);
    static_assert(std::is_same_v<result<decltype(select(orm::whole<user>, col<&employee::nick>))>,
                                 std::tuple<orm::ref<user>, std::optional<std::string>>>);
    static_assert(
        std::is_same_v<result<decltype(select(orm::sum(col<&employee::rank>)))>, std::optional<std::int64_t>>);
    static_assert(std::is_same_v<result<decltype(select(orm::sum(col<&user::id>)))>, std::optional<tusk::numeric>>);
    static_assert(std::is_same_v<result<decltype(select(orm::avg(col<&employee::score>)))>, std::optional<double>>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::biography>))>, std::string>);
    static_assert(std::is_same_v<result<decltype(select(orm::nullable(col<&user::id>)))>, std::optional<std::int64_t>>);
    static_assert(std::is_same_v<result<decltype(select(orm::coalesce(col<&employee::nick>, "")))>, std::string>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::nick> || "x"))>, std::optional<std::string>>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::rank> + col<&user::id>))>, std::int64_t>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::salary> * 1.5))>, tusk::numeric>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::rank> * 1.5))>, double>);
    static_assert(std::is_same_v<result<decltype(select(orm::now() - col<&employee::seen>))>, tusk::interval>);
    static_assert(std::is_same_v<result<decltype(select(col<&employee::hired> - col<&employee::hired>))>, int>);
    static_assert(std::is_same_v<result<decltype(orm::delete_from<tag>())>, void>);
    static_assert(std::is_same_v<result<decltype(orm::delete_from<tag>().returning<tag>())>, orm::ref<tag>>);
    static_assert(std::is_same_v<result<decltype(orm::update<tag>().returning(col<&tag::id>, col<&tag::label>))>,
                                 std::tuple<std::int64_t, std::string>>);
}

TEST(orm_query_shape, values_and_entities_in_their_columns)
{
    const auto made = compile(select(col<&tag::id>, orm::whole<user>, orm::count_all())
                                  .select_from<user, tag>()
                                  .options(orm::selectinload<&user::posts>()));
    ASSERT_EQ(made.outputs.size(), 3U);
    EXPECT_EQ(made.result_count, 3U);
    EXPECT_EQ(made.column_count, 9U);
    EXPECT_EQ(made.outputs[0].table, nullptr);
    EXPECT_EQ(made.outputs[1].table, &orm::table_of<user>());
    EXPECT_EQ(made.outputs[1].first_column, 1U);
    EXPECT_EQ(made.outputs[1].columns.size(), 7U);
    EXPECT_EQ(made.outputs[2].first_column, 8U);
    ASSERT_EQ(made.outputs[1].to_load.size(), 1U);
    EXPECT_EQ(made.outputs[1].to_load[0]->relation, orm::table_of<user>().find_relation("posts"));
    EXPECT_FALSE(made.repeats_entities);
    EXPECT_FALSE(made.writes);
    EXPECT_EQ(made.tables, (std::vector<const orm::table_info*>{&orm::table_of<user>(), &orm::table_of<tag>()}));
}

TEST(orm_query_shape, joined_entities_stand_behind_those_that_they_belong_to)
{
    const auto made = compile(select<post>().options(
        orm::joinedload<&post::author>().joinedload<&user::posts>().selectinload<&post::tags>()));
    ASSERT_EQ(made.outputs.size(), 3U);
    EXPECT_EQ(made.result_count, 1U);
    EXPECT_EQ(made.outputs[0].parent, compiled_output::none);
    EXPECT_EQ(made.outputs[1].parent, 0U);
    EXPECT_EQ(made.outputs[1].relation, orm::table_of<post>().find_relation("author"));
    EXPECT_EQ(made.outputs[1].first_column, 6U);
    EXPECT_EQ(made.outputs[2].parent, 1U);
    EXPECT_EQ(made.outputs[2].relation, orm::table_of<user>().find_relation("posts"));
    EXPECT_EQ(made.outputs[2].first_column, 13U);
    EXPECT_EQ(made.column_count, 19U);
    EXPECT_EQ(made.outputs[2].to_load.size(), 1U);
    EXPECT_TRUE(made.repeats_entities);
}

TEST(orm_query_shape, columns_that_are_left_out)
{
    const auto made = compile(select<employee>().options(orm::defer<&employee::photo>()));
    EXPECT_EQ(made.outputs[0].columns.size(), 15U);
    for (const orm::column_info* each : made.outputs[0].columns)
        EXPECT_NE(each->member, "photo");
}

TEST(orm_query_shape, tables_of_subqueries_count_too)
{
    const auto made = compile(select(col<&user::id>).where(orm::any<&user::posts>(orm::any<&post::tags>())));
    EXPECT_EQ(made.tables.size(), 4U); // users, posts, tags, post_tags
    const auto change = compile(orm::delete_from<user>().where(orm::any<&user::posts>()));
    EXPECT_EQ(change.tables.size(), 2U);
    EXPECT_TRUE(change.writes);
    EXPECT_EQ(change.column_count, 0U);
}

TEST(orm_query_options, for_the_same_relation_are_merged)
{
    const auto made = compile(select<user>().options(orm::selectinload<&user::posts>().selectinload<&post::tags>(),
                                                     orm::selectinload<&user::posts>().joinedload<&post::author>()));
    ASSERT_EQ(made.outputs[0].to_load.size(), 1U);
    const auto& nested = made.outputs[0].to_load[0]->nested;
    ASSERT_EQ(nested.size(), 2U);
    EXPECT_EQ(nested[0].relation->name, "tags");
    EXPECT_EQ(nested[1].strategy, orm::detail::load_strategy::joined);

    // The last word wins.
    const auto joined =
        compile(select<user>().options(orm::selectinload<&user::posts>(), orm::joinedload<&user::posts>()));
    EXPECT_TRUE(joined.outputs[0].to_load.empty());
    EXPECT_EQ(joined.outputs.size(), 2U);
}

TEST(orm_query_options, several_from_one_place)
{
    const auto made = compile(select<user>().options(
        orm::selectinload<&user::posts>().options(orm::selectinload<&post::tags>(), orm::joinedload<&post::author>())));
    EXPECT_EQ(made.outputs[0].to_load.at(0)->nested.size(), 2U);
}

TEST(orm_query_count, counts_the_rows_of_a_statement)
{
    const auto count = [](const orm::detail::statement_base& of) { return orm::detail::compile_count(of).sql; };
    EXPECT_EQ(count(select<user>()
                        .where(col<&user::id> > 1)
                        .order_by(col<&user::id>)
                        .limit(5)
                        .offset(10)
                        .options(orm::joinedload<&user::posts>())),
              "SELECT count(*) FROM users WHERE users.id > $1");
    EXPECT_EQ(count(select<post>().join<&post::author>()),
              "SELECT count(*) FROM posts JOIN users ON users.id = posts.author_id");
    EXPECT_EQ(count(select(col<&post::author_id>).distinct()),
              "SELECT count(*) FROM (SELECT DISTINCT posts.author_id FROM posts) AS rows_1");
    EXPECT_EQ(count(select(col<&post::author_id>).group_by(col<&post::author_id>)),
              "SELECT count(*) FROM (SELECT posts.author_id FROM posts GROUP BY posts.author_id) AS rows_1");
    EXPECT_EQ(count(orm::union_(select(col<&user::id>), select(col<&post::id>))),
              "SELECT count(*) FROM (SELECT users.id FROM users UNION SELECT posts.id FROM posts) AS rows_1");
}

} // namespace
