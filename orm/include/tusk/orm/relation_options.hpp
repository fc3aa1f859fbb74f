#pragma once

#include <string_view>

namespace tusk::orm {

/// Which operations on an entity reach the entities that a relation leads to. Combine with `|`.
enum class cascade : unsigned {
    none = 0,
    save_update = 1, ///< `add` adds them too, and so does putting one into a relation of an entity of a session.
    merge = 2,
    expunge = 4,
    remove = 8,         ///< They are deleted with it.
    delete_orphan = 16, ///< They are deleted when they are taken out of the relation.
    refresh = 32,
    standard = save_update | merge,
    all = save_update | merge | expunge | remove | refresh,
    all_delete_orphan = all | delete_orphan,
};

[[nodiscard]] constexpr cascade operator|(cascade a, cascade b) noexcept
{
    return static_cast<cascade>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool has(cascade set, cascade one) noexcept
{
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) == static_cast<unsigned>(one);
}

/// What becomes of the rows on the far side that are not loaded when the near side is deleted.
enum class passive_deletes : unsigned char {
    no,  ///< They are deleted, or their foreign key is set to NULL, by statements of ours.
    yes, ///< The foreign key's ON DELETE is trusted with what is not loaded.
    all, ///< ... and with what is loaded.
};

namespace options {

struct back_populates {
    std::string_view member;
};
struct secondary {
    std::string_view table;
    std::string_view near_column;
    std::string_view far_column;
    std::string_view schema;
};
template <auto... Members>
struct via {
};
template <auto Member>
struct order_by {
    bool descending = false;
};
struct post_update {
};
struct view_only {
};

} // namespace options

/// The relation on the other side, by its member's name: both are kept in step.
[[nodiscard]] constexpr options::back_populates back_populates(std::string_view member) noexcept { return {member}; }

/// The table between two sides of a many-to-many relation. It is generated: a column for each side's key
/// (`<entity>_id`), both together as primary key, an index on the second, ON DELETE CASCADE.
/// @param near_column, far_column  Their names; needed where a class is related to itself.
[[nodiscard]] constexpr options::secondary secondary(std::string_view table, std::string_view near_column = {},
                                                     std::string_view far_column = {},
                                                     std::string_view schema = {}) noexcept
{
    return {table, near_column, far_column, schema};
}

/// The column or columns of the foreign key that a relation follows, where there are several, or to say it plainly.
template <auto... Members>
inline constexpr options::via<Members...> via{};

/// The order in which a collection is loaded.
template <auto Member>
[[nodiscard]] constexpr options::order_by<Member> ordered_by() noexcept
{
    return {};
}
template <auto Member>
[[nodiscard]] constexpr options::order_by<Member> ordered_by_descending() noexcept
{
    return {true};
}

/// The foreign key is written by an UPDATE of its own behind the INSERTs: for rows that refer to each other.
inline constexpr options::post_update post_update{};
/// The relation is read, and never written.
inline constexpr options::view_only view_only{};

} // namespace tusk::orm
