#pragma once

#include "unit_of_work/entity_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// The entities of one table by their encoded primary key. Open addressing: a load of half a million rows looks up and
/// inserts half a million times, and finds most often that nothing is there. Integers that follow one another lie side
/// by side, for that is how rows mostly come: a look at the next one finds its slot in the cache.
class identity_map
{
public:
    [[nodiscard]] static std::uint64_t hash(std::string_view key) noexcept;

    [[nodiscard]] entity_record* find(std::string_view key, std::uint64_t hash) const noexcept;
    [[nodiscard]] entity_record* find(std::string_view key) const noexcept { return find(key, hash(key)); }

    /// So many may be about to be inserted: it then grows in longer strides.
    void expect(std::size_t count) noexcept { expected_ = size_ + count; }

    /// Puts an entity in under its `key`, which is not there yet.
    void insert(entity_record& entity, std::uint64_t hash);
    void insert(entity_record& entity) { insert(entity, hash(entity.key)); }
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
    void put(slot given) noexcept;
    void grow();

    /// A power of two of them, of which some two thirds are used at most. Along a run of used ones nobody has come a
    /// shorter way, from where it belongs, than it would have been for one in front of it: so a search can end early,
    /// and so can the moving up behind one that is gone.
    std::vector<slot> slots_;
    std::size_t size_ = 0;
    std::size_t expected_ = 0;
};

} // namespace tusk::orm::detail
