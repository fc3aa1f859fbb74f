// Mistakes in a mapping are told when it is described, with the class, the member and what to do.
#include <tusk/orm.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace orm = tusk::orm;

/// Describing these classes fails with a message that holds every piece.
template <class... T, class... Piece>
void expect_refused(const Piece&... pieces)
{
    try {
        static_cast<void>(orm::describe<T...>());
        ADD_FAILURE() << "the mapping was taken";
    } catch (const tusk::usage_error& refused) {
        const std::string_view message{refused.what()};
        for (const std::string_view piece : {std::string_view{pieces}...})
            EXPECT_NE(message.find(piece), std::string_view::npos) << "\"" << piece << "\" is not in: " << message;
    }
}

namespace no_table_name {
struct item {
    int id{};
    static constexpr auto table = orm::table("", orm::column<&item::id>(orm::primary_key));
};
} // namespace no_table_name

namespace no_primary_key {
struct item {
    int id{};
    static constexpr auto table = orm::table("item", orm::column<&item::id>());
};
} // namespace no_primary_key

namespace optional_primary_key {
struct item {
    std::optional<int> id;
    static constexpr auto table = orm::table("item", orm::column<&item::id>(orm::primary_key));
};
} // namespace optional_primary_key

namespace duplicate_column {
struct item {
    int id{};
    int key{};
    static constexpr auto table =
        orm::table("item", orm::column<&item::id>(orm::primary_key), orm::column<&item::key>(orm::name("id")));
};
} // namespace duplicate_column

namespace identity_of_a_text {
struct item {
    std::string id;
    static constexpr auto table = orm::table("item", orm::column<&item::id>(orm::primary_key, orm::identity_always));
};
} // namespace identity_of_a_text

namespace version_of_a_text {
struct item {
    int id{};
    std::string version;
    static constexpr auto table =
        orm::table("item", orm::column<&item::id>(orm::primary_key), orm::column<&item::version>(orm::version));
};
} // namespace version_of_a_text

namespace two_versions {
struct item {
    int id{};
    int first{};
    int second{};
    static constexpr auto table =
        orm::table("item", orm::column<&item::id>(orm::primary_key), orm::column<&item::first>(orm::version),
                   orm::column<&item::second>(orm::version));
};
} // namespace two_versions

namespace unique_over_an_unmapped_member {
struct item {
    int id{};
    int left_out{};
    static constexpr auto table = orm::table("item", orm::column<&item::id>(orm::primary_key),
                                             orm::unique_together<&item::id, &item::left_out>());
};
} // namespace unique_over_an_unmapped_member

namespace index_without_a_key {
struct item {
    int id{};
    static constexpr auto table = orm::table("item", orm::column<&item::id>(orm::primary_key), orm::index<>());
};
} // namespace index_without_a_key

namespace range_without_a_type {
struct item {
    int id{};
    tusk::range<tusk::time_of_day> open;
    static constexpr auto table =
        orm::table("item", orm::column<&item::id>(orm::primary_key), orm::column<&item::open>());
};
} // namespace range_without_a_type

TEST(orm_mapping_errors, of_one_class)
{
    expect_refused<no_table_name::item>("item", "no name");
    expect_refused<no_primary_key::item>("item", "no primary key", "orm::primary_key");
    expect_refused<optional_primary_key::item>("item::id", "cannot be NULL", "plain value");
    expect_refused<duplicate_column::item>("item::key", "two columns named \"id\"", "orm::name");
    expect_refused<identity_of_a_text::item>("item::id", "identity column is an integer");
    expect_refused<version_of_a_text::item>("item::version", "a version is an integer");
    expect_refused<two_versions::item>("item::second", "item::first is the version already");
    expect_refused<unique_over_an_unmapped_member::item>("item::left_out", "not mapped to a column");
    expect_refused<index_without_a_key::item>("item", "an index has no key");
    expect_refused<range_without_a_type::item>("range over time", "orm::type");
}

namespace refers_to_an_unmapped_member {
struct user {
    int id{};
    int left_out{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key));
};
struct post {
    int id{};
    int author{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author>(orm::references<&user::left_out>()));
};
} // namespace refers_to_an_unmapped_member

namespace refers_to_no_key {
struct user {
    int id{};
    int number{};
    static constexpr auto table =
        orm::table("users", orm::column<&user::id>(orm::primary_key), orm::column<&user::number>());
};
struct post {
    int id{};
    int author{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author>(orm::references<&user::number>()));
};
} // namespace refers_to_no_key

namespace refers_to_another_type {
struct user {
    std::int64_t id{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key));
};
struct post {
    int id{};
    int author{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author>(orm::references<&user::id>()));
};
} // namespace refers_to_another_type

namespace refers_to_two_tables {
struct a {
    int id{};
    static constexpr auto table = orm::table("a", orm::column<&a::id>(orm::primary_key));
};
struct b {
    int id{};
    static constexpr auto table = orm::table("b", orm::column<&b::id>(orm::primary_key));
};
struct both {
    int id{};
    int first{};
    int second{};
    static constexpr auto table = orm::table(
        "both", orm::column<&both::id>(orm::primary_key), orm::column<&both::first>(), orm::column<&both::second>(),
        orm::foreign_key<&both::first, &both::second>(orm::references_all<&a::id, &b::id>()));
};
} // namespace refers_to_two_tables

TEST(orm_mapping_errors, of_foreign_keys)
{
    expect_refused<refers_to_an_unmapped_member::post, refers_to_an_unmapped_member::user>("user::left_out",
                                                                                           "not mapped to a column");
    expect_refused<refers_to_no_key::post, refers_to_no_key::user>("post::author", "user::number",
                                                                   "neither the primary key of user nor unique");
    expect_refused<refers_to_another_type::post, refers_to_another_type::user>("post::author is integer", "user::id",
                                                                               "bigint");
    expect_refused<refers_to_two_tables::both, refers_to_two_tables::a, refers_to_two_tables::b>(
        "both::first", "columns of two tables");
}

namespace not_described {
struct user {
    int id{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key));
};
struct post {
    int id{};
    int author_id{};
    orm::belongs_to<user> author{};
    static constexpr auto table =
        orm::table("posts", orm::column<&post::id>(orm::primary_key),
                   orm::column<&post::author_id>(orm::references<&user::id>()), orm::relationship<&post::author>());
};
} // namespace not_described

namespace two_classes_one_table {
struct a {
    int id{};
    static constexpr auto table = orm::table("items", orm::column<&a::id>(orm::primary_key));
};
struct b {
    int id{};
    static constexpr auto table = orm::table("items", orm::column<&b::id>(orm::primary_key));
};
struct elsewhere {
    int id{};
    static constexpr auto table =
        orm::table("items", orm::schema("other"), orm::column<&elsewhere::id>(orm::primary_key));
};
} // namespace two_classes_one_table

TEST(orm_mapping_errors, of_a_description)
{
    expect_refused<not_described::post>("post::author", "user", "not described", "orm::describe");
    expect_refused<two_classes_one_table::a, two_classes_one_table::b>("a and b", "both mapped to the table \"items\"");
    const auto fine = orm::describe<two_classes_one_table::a, two_classes_one_table::elsewhere>();
    EXPECT_EQ(fine.tables().size(), 2U);
}

} // namespace
