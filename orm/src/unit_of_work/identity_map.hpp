#pragma once

#include "unit_of_work/entity_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// The entities of one table by their encoded primary key. Open addressing: a load of half a million rows looks up and
/// inserts half a million times, and finds most often that nothing is there.
class identity_map
{
public:
    [[nodiscard]] static std::uint64_t hash(std::string_view key) noexcept;

    [[nodiscard]] entity_record* find(std::string_view key, std::uint64_t hash) const noexcept;
    [[nodiscard]] entity_record* find(std::string_view key) const noexcept { return find(key, hash(key)); }

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

    void grow();

    std::vector<slot> slots_; ///< A power of two of them, at most two thirds in use.
    std::size_t size_ = 0;
};

} // namespace tusk::orm::detail
