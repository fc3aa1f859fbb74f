#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/driver/detail/huge_pages.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tusk::orm::detail {

/// The entities of one table by their encoded primary key. Open addressing: a load of half a million rows looks up and
/// inserts half a million times, and finds most often that nothing is there. Integers that follow one another lie side
/// by side, for that is how rows mostly come: a look at the next one finds its slot in the cache.
class identity_map
{
public:
    [[nodiscard]] static std::uint64_t hash(std::string_view key) noexcept;

    [[nodiscard]] entity_record* find(std::string_view key) const noexcept;

    /// Where a key is, or would be.
    struct lookup {
        entity_record* entity = nullptr; ///< None: nothing is there under that key.
        std::uint64_t hash = 0;
        std::size_t at = 0;
        std::size_t way = 0;
    };
    /// Looks for a key, and makes room for it.
    [[nodiscard]] lookup look_up(std::string_view key);

    /// So many may be about to be inserted: it then grows in longer strides.
    void expect(std::size_t count) noexcept { expected_ = size_ + count; }

    /// Puts an entity in under its `key`, which was looked up just now and is not there yet.
    void insert(entity_record& entity, const lookup& where) noexcept;
    void insert(entity_record& entity) { insert(entity, look_up(entity.key)); }
    /// Takes it out, where it is in.
    void erase(const entity_record& entity) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct slot {
        std::uint64_t hash = 0;
        entity_record* entity = nullptr;
    };

    [[nodiscard]] static std::size_t slots_for(std::size_t entities) noexcept;
    [[nodiscard]] std::size_t last() const noexcept { return slots_.size() - 1; }
    [[nodiscard]] std::size_t behind(std::size_t position) const noexcept { return (position + 1) & last(); }
    /// From where the entity of that slot belongs to where it is.
    [[nodiscard]] std::size_t way_to(std::size_t position) const noexcept
    {
        return (position - slots_[position].hash) & last();
    }
    void prefetch(std::uint64_t number) const noexcept;
    /// The slot of a key, or else the one that its entity would take.
    [[nodiscard]] lookup search(std::string_view key, std::uint64_t hash) const noexcept;
    /// Puts it there, or behind; those on its way who have come a shorter one go on instead.
    void put(slot given, std::size_t at, std::size_t way) noexcept;
    void grow();

    /// A power of two of them, of which some two thirds are used at most. Along a run of used ones nobody has come a
    /// shorter way, from where it belongs, than it would have been for one in front of it: so a search can end early,
    /// and so can the moving up behind one that is gone.
    tusk::detail::long_vector<slot> slots_;
    std::size_t size_ = 0;
    std::size_t expected_ = 0;
};

} // namespace tusk::orm::detail
