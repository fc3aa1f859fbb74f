#pragma once

#include "unit_of_work/row_image.hpp"

#include <tusk/orm/detail/entity_node.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tusk::orm::detail {

/// How closely a store watches an entity.
enum class watch : std::uint8_t {
    none, ///< It cannot have changed.
    /// It was opened once, and was found unchanged since by an autoflush: only a whole flush looks again. (Somebody may
    /// still hold a reference to its members.)
    distant,
    close, ///< It may have changed since anybody looked.
};

/// An entity in its store: the node that handles know, and what only the unit of work knows. The user's object stands
/// directly behind it in memory.
struct entity_record : entity_node {
    watch watched = watch::none;
    bool is_marked_deleted = false; ///< `remove` was called; the next flush deletes it.
    bool is_marked = false;         ///< The sweep has reached it.
    bool is_doubtful = false;       ///< Perhaps nobody can reach it: it is about to be looked at.
    bool has_changed_relations = false;
    bool may_be_orphan = false; ///< New, it was taken out of a relation whose orphans are deleted.
    /// How many relation members of other entities, and unfinished undertakings, point to it.
    std::uint32_t held = 0;
    /// Where its store has it, and where among those that it watches.
    std::uint32_t position = 0;
    std::uint32_t watch_position = 0;
    /// What a flush that is under way has to do with it; an index into its list.
    std::uint32_t flush_index = no_flush;
    static constexpr std::uint32_t no_flush = static_cast<std::uint32_t>(-1);
    static constexpr std::uint32_t seen_by_flush = no_flush - 1;    ///< It is not on that list, and is looked after.
    static constexpr std::uint32_t dropped_by_flush = no_flush - 2; ///< It is new, and is not sent after all.
    /// The order of `add`.
    std::uint64_t number = 0;
    // Up to here a flush looks at each entity again and again: no more than one line of the cache can hold.

    /// What a flush compares it with; null while it has never been opened.
    std::unique_ptr<row_image> before;
    /// The encoded primary key under which the identity map has it; empty while it has no row.
    std::string key;
    /// The transaction in which its columns were last read or written: within it, a row that arrives again does not
    /// overwrite them.
    std::uint64_t transaction = 0;
    /// Columns that an INSERT writes although they look as if they had not been set; a bit a column.
    std::unique_ptr<std::vector<bool>> explicit_columns;
};

[[nodiscard]] inline entity_record& record_of(entity_node& of) noexcept { return static_cast<entity_record&>(of); }
[[nodiscard]] inline const entity_record& record_of(const entity_node& of) noexcept
{
    return static_cast<const entity_record&>(of);
}

/// Whoever looks at many entities one after the other asks memory for those that are so many places ahead: each has
/// left the cache since the last look. (A flush of 100,000 new entities took a seventh less for it.)
inline constexpr std::size_t look_ahead = 8;

/// It is about to be looked at, and so is its object behind it.
inline void prefetch(const entity_record* soon) noexcept
{
    constexpr std::size_t cache_line = 64;
    constexpr std::size_t lines = 3;
    const auto* const begin = reinterpret_cast<const std::byte*>(soon);
    for (std::size_t i = 0; i != lines; ++i)
        __builtin_prefetch(begin + i * cache_line);
}

/// Calls a function with each.
template <class F>
void look_at_each(std::span<entity_record* const> all, F&& function)
{
    for (std::size_t i = 0; i != all.size(); ++i) {
        if (i + look_ahead < all.size())
            prefetch(all[i + look_ahead]);
        function(*all[i]);
    }
}

/// "user with id 42", or "new user, the 3rd that was added"; for messages.
[[nodiscard]] std::string described(const entity_record& of);

} // namespace tusk::orm::detail
