// Mistakes in relations are told when a mapping is described.
#include <tusk/orm.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

namespace orm = tusk::orm;

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

struct author {
    int id{};
    static constexpr auto table = orm::table("authors", orm::column<&author::id>(orm::primary_key));
};

namespace ambiguous {
struct post {
    int id{};
    int writer_id{};
    int editor_id{};
    orm::belongs_to<author> writer{};
    static constexpr auto table =
        orm::table("posts", orm::column<&post::id>(orm::primary_key),
                   orm::column<&post::writer_id>(orm::references<&author::id>()),
                   orm::column<&post::editor_id>(orm::references<&author::id>()), orm::relationship<&post::writer>());
};
struct told {
    int id{};
    int writer_id{};
    int editor_id{};
    orm::belongs_to<author> writer{};
    static constexpr auto table = orm::table("posts", orm::column<&told::id>(orm::primary_key),
                                             orm::column<&told::writer_id>(orm::references<&author::id>()),
                                             orm::column<&told::editor_id>(orm::references<&author::id>()),
                                             orm::relationship<&told::writer>(orm::via<&told::writer_id>));
};
} // namespace ambiguous

namespace without_foreign_key {
struct post {
    int id{};
    orm::belongs_to<author> writer{};
    static constexpr auto table =
        orm::table("posts", orm::column<&post::id>(orm::primary_key), orm::relationship<&post::writer>());
};
} // namespace without_foreign_key

namespace via_no_foreign_key {
struct post {
    int id{};
    int writer_id{};
    int number{};
    orm::belongs_to<author> writer{};
    static constexpr auto table =
        orm::table("posts", orm::column<&post::id>(orm::primary_key),
                   orm::column<&post::writer_id>(orm::references<&author::id>()), orm::column<&post::number>(),
                   orm::relationship<&post::writer>(orm::via<&post::number>));
};
} // namespace via_no_foreign_key

TEST(orm_relation_errors, of_the_foreign_key)
{
    expect_refused<ambiguous::post, author>("post::writer", "several foreign keys", "fk_posts_writer_id_authors",
                                            "orm::via");
    EXPECT_NO_THROW(static_cast<void>(orm::describe<ambiguous::told, author>()));
    expect_refused<without_foreign_key::post, author>("post::writer", "no foreign key", "orm::references");
    expect_refused<via_no_foreign_key::post, author>("post::writer", "post::number", "not a foreign key",
                                                     "orm::references<&author::id>");
}

namespace missing_reverse {
struct post;
struct user {
    int id{};
    orm::has_many<post> posts{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key),
                                             orm::relationship<&user::posts>(orm::back_populates("writer")));
};
struct post {
    int id{};
    int author_id{};
    orm::belongs_to<user> author{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author_id>(orm::references<&user::id>()),
                                             orm::relationship<&post::author>(orm::back_populates("posts")));
};
} // namespace missing_reverse

namespace one_sided_reverse {
struct post;
struct user {
    int id{};
    orm::has_many<post> posts{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key),
                                             orm::relationship<&user::posts>(orm::back_populates("author")));
};
struct post {
    int id{};
    int author_id{};
    orm::belongs_to<user> author{};
    static constexpr auto table =
        orm::table("posts", orm::column<&post::id>(orm::primary_key),
                   orm::column<&post::author_id>(orm::references<&user::id>()), orm::relationship<&post::author>());
};
} // namespace one_sided_reverse

namespace reverse_of_another {
struct post;
struct user {
    int id{};
    orm::has_many<post> posts{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key),
                                             orm::relationship<&user::posts>(orm::back_populates("editor")));
};
struct post {
    int id{};
    int author_id{};
    int editor_id{};
    orm::belongs_to<author> editor{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author_id>(orm::references<&user::id>()),
                                             orm::column<&post::editor_id>(orm::references<&author::id>()),
                                             orm::relationship<&post::editor>(orm::back_populates("posts")));
};
} // namespace reverse_of_another

namespace two_collections {
struct node {
    int id{};
    int parent_id{};
    orm::has_many<node> children{};
    orm::has_many<node> parents{};
    static constexpr auto table = orm::table("nodes", orm::column<&node::id>(orm::primary_key),
                                             orm::column<&node::parent_id>(orm::references<&node::id>()),
                                             orm::relationship<&node::children>(orm::back_populates("parents")),
                                             orm::relationship<&node::parents>(orm::back_populates("children")));
};
} // namespace two_collections

TEST(orm_relation_errors, of_the_other_side)
{
    expect_refused<missing_reverse::user, missing_reverse::post>("user::posts", "back_populates(\"writer\")",
                                                                 "post has: author");
    expect_refused<one_sided_reverse::user, one_sided_reverse::post>("post::author must say",
                                                                     "back_populates(\"posts\")");
    expect_refused<reverse_of_another::user, reverse_of_another::post, author>("user::posts", "post::editor leads to",
                                                                               "author");
    expect_refused<two_collections::node>("node::children", "node::parents", "orm::belongs_to");
}

namespace order_of_another {
struct post;
struct user {
    int id{};
    orm::has_many<post> posts{};
    static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key),
                                             orm::relationship<&user::posts>(orm::ordered_by<&user::id>()));
};
struct post {
    int id{};
    int author_id{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author_id>(orm::references<&user::id>()));
};
} // namespace order_of_another

template <auto Cascades>
struct with_options {
    struct post;
    struct user {
        int id{};
        orm::has_many<post> posts{};
        static constexpr auto table = orm::table("users", orm::column<&user::id>(orm::primary_key),
                                                 orm::relationship<&user::posts>(Cascades, orm::passive_deletes::all));
    };
    struct post {
        int id{};
        int author_id{};
        static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                                 orm::column<&post::author_id>(orm::references<&user::id>()));
    };
};

namespace orphans_of_the_many_side {
struct post {
    int id{};
    int author_id{};
    orm::belongs_to<author> writer{};
    static constexpr auto table = orm::table("posts", orm::column<&post::id>(orm::primary_key),
                                             orm::column<&post::author_id>(orm::references<&author::id>()),
                                             orm::relationship<&post::writer>(orm::cascade::all_delete_orphan));
};
} // namespace orphans_of_the_many_side

TEST(orm_relation_errors, of_the_options)
{
    expect_refused<order_of_another::user, order_of_another::post>("user::posts is ordered by user::id",
                                                                   "not a column of post");
    using orphans = with_options<orm::cascade::delete_orphan>;
    expect_refused<orphans::user, orphans::post>("posts", "delete_orphan needs cascade::remove", "all_delete_orphan");
    using removal = with_options<orm::cascade::all>;
    expect_refused<removal::user, removal::post>("posts", "passive_deletes::all", "passive_deletes::yes");
    expect_refused<orphans_of_the_many_side::post, author>("post::writer", "the one side", "orm::has_many");
}

namespace many_without_a_table {
struct tag {
    int id{};
    orm::many_to_many<author> authors{};
    static constexpr auto table =
        orm::table("tags", orm::column<&tag::id>(orm::primary_key), orm::relationship<&tag::authors>());
};
} // namespace many_without_a_table

namespace many_to_itself {
struct person {
    int id{};
    orm::many_to_many<person> friends{};
    static constexpr auto table = orm::table("people", orm::column<&person::id>(orm::primary_key),
                                             orm::relationship<&person::friends>(orm::secondary("friends")));
};
struct named {
    int id{};
    orm::many_to_many<named> friends{};
    static constexpr auto table =
        orm::table("people", orm::column<&named::id>(orm::primary_key),
                   orm::relationship<&named::friends>(orm::secondary("friends_of", "person_id", "friend_id")));
};
} // namespace many_to_itself

namespace many_with_a_wide_key {
struct place {
    int x{};
    int y{};
    orm::many_to_many<author> authors{};
    static constexpr auto table =
        orm::table("places", orm::column<&place::x>(orm::primary_key), orm::column<&place::y>(orm::primary_key),
                   orm::relationship<&place::authors>(orm::secondary("visits", "place_id", "author_id")));
};
} // namespace many_with_a_wide_key

namespace many_over_a_mapped_table {
struct tag {
    int id{};
    orm::many_to_many<author> authors{};
    static constexpr auto table = orm::table("tags", orm::column<&tag::id>(orm::primary_key),
                                             orm::relationship<&tag::authors>(orm::secondary("author_tags")));
};
struct author_tag {
    int id{};
    static constexpr auto table = orm::table("author_tags", orm::column<&author_tag::id>(orm::primary_key));
};
} // namespace many_over_a_mapped_table

TEST(orm_relation_errors, of_the_secondary_table)
{
    expect_refused<many_without_a_table::tag, author>("tag::authors", "orm::secondary");
    expect_refused<many_to_itself::person>("person::friends", "person to itself",
                                           "orm::secondary(\"friends\", \"near_id\", \"far_id\")");
    EXPECT_NO_THROW(static_cast<void>(orm::describe<many_to_itself::named>()));
    expect_refused<many_with_a_wide_key::place, author>("place::authors", "the key of place has several columns");
    expect_refused<many_over_a_mapped_table::tag, many_over_a_mapped_table::author_tag, author>(
        "tag::authors", "author_tags", "other columns than author_tag");
}

} // namespace
