#pragma once

#include <tusk/orm.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// Mappings with every kind of relation and of key, for the tests of loading.
namespace tusk::test::library {

namespace orm = tusk::orm;

struct author;
struct book;
struct review;

struct genre {
    std::string label;
    orm::many_to_many<book> books{};

    static constexpr auto table =
        orm::table("genres", orm::column<&genre::label>(orm::primary_key),
                   orm::relationship<&genre::books>(orm::secondary("book_genres"), orm::back_populates("genres")));
};

struct book {
    std::int64_t id{};
    std::string title;
    std::optional<std::int64_t> author_id;
    orm::deferred<std::string> summary;
    orm::belongs_to<library::author> author{};
    orm::many_to_many<genre> genres{};
    orm::has_many<review> reviews{};

    static constexpr auto table = orm::table(
        "books", orm::column<&book::id>(orm::primary_key), orm::column<&book::title>(),
        orm::column<&book::author_id>(orm::references_key_of<library::author>()), orm::column<&book::summary>(),
        orm::relationship<&book::author>(orm::via<&book::author_id>, orm::back_populates("books")),
        orm::relationship<&book::genres>(orm::secondary("book_genres"), orm::back_populates("books")),
        orm::relationship<&book::reviews>(orm::back_populates("book")));
};

struct review {
    std::int32_t id{};
    std::int64_t book_id{};
    std::int32_t stars{};
    orm::belongs_to<library::book> book{};

    static constexpr auto table =
        orm::table("reviews", orm::column<&review::id>(orm::primary_key),
                   orm::column<&review::book_id>(orm::references<&library::book::id>()), orm::column<&review::stars>(),
                   orm::relationship<&review::book>(orm::back_populates("reviews")));
};

struct portrait;

struct author {
    std::int64_t id{};
    std::string name;
    std::optional<std::int64_t> mentor_id;
    orm::has_many<book> books{};
    orm::has_one<library::portrait> portrait{};
    orm::belongs_to<author> mentor{};
    orm::has_many<author> pupils{};

    static constexpr auto table =
        orm::table("authors", orm::column<&author::id>(orm::primary_key), orm::column<&author::name>(),
                   orm::column<&author::mentor_id>(orm::references_key_of<author>()),
                   orm::relationship<&author::books>(orm::back_populates("author"), orm::ordered_by<&book::title>()),
                   orm::relationship<&author::portrait>(orm::back_populates("author")),
                   orm::relationship<&author::mentor>(orm::via<&author::mentor_id>, orm::back_populates("pupils")),
                   orm::relationship<&author::pupils>(orm::via<&author::mentor_id>, orm::back_populates("mentor")));
};

/// Its primary key is its foreign key.
struct portrait {
    std::int64_t author_id{};
    std::string painter;
    orm::belongs_to<library::author> author{};

    static constexpr auto table = orm::table(
        "portraits", orm::column<&portrait::author_id>(orm::primary_key, orm::references<&library::author::id>()),
        orm::column<&portrait::painter>(), orm::relationship<&portrait::author>(orm::back_populates("portrait")));
};

struct copy;

/// A primary key of two columns.
struct shelf {
    std::int32_t room{};
    std::string place;
    orm::has_many<copy> copies{};

    static constexpr auto table =
        orm::table("shelves", orm::column<&shelf::room>(orm::primary_key), orm::column<&shelf::place>(orm::primary_key),
                   orm::relationship<&shelf::copies>(orm::back_populates("shelf")));
};

/// Its primary key is one that we choose.
struct copy {
    tusk::uuid id{};
    std::optional<std::int32_t> shelf_room;
    std::optional<std::string> shelf_place;
    orm::belongs_to<library::shelf> shelf{};

    static constexpr auto table = orm::table("copies", orm::column<&copy::id>(orm::primary_key),
                                             orm::column<&copy::shelf_room>(), orm::column<&copy::shelf_place>(),
                                             orm::foreign_key<&copy::shelf_room, &copy::shelf_place>(
                                                 orm::references_all<&library::shelf::room, &library::shelf::place>()),
                                             orm::relationship<&copy::shelf>(orm::back_populates("copies")));
};

inline const orm::metadata metadata = orm::describe<author, book, genre, review, portrait, shelf, copy>();

} // namespace tusk::test::library
