#include "unit_of_work/identity_map.hpp"

#include <cstring>
#include <functional>
#include <utility>

namespace tusk::orm::detail {

namespace {

constexpr std::size_t first_size = 16;

std::uint64_t mixed(std::uint64_t value) noexcept
{
    value ^= value >> 32;
    value *= 0x9e37'79b9'7f4a'7c15;
    value ^= value >> 29;
    value *= 0xbf58'476d'1ce4'e5b9;
    return value ^ (value >> 32);
}

} // namespace

std::uint64_t identity_map::hash(std::string_view key) noexcept
{
    if (key.size() > sizeof(std::uint64_t))
        return std::hash<std::string_view>{}(key);
    std::uint64_t value = 0;
    if (key.size() == sizeof value)
        std::memcpy(&value, key.data(), sizeof value); // of a known size: one instruction
    else
        std::memcpy(&value, key.data(), key.size());
    return mixed(value);
}

entity_record* identity_map::find(std::string_view key, std::uint64_t hash) const noexcept
{
    if (slots_.empty())
        return nullptr;
    const std::size_t last = slots_.size() - 1;
    for (std::size_t i = hash & last; slots_[i].entity != nullptr; i = (i + 1) & last)
        if (slots_[i].hash == hash && slots_[i].entity->key == key)
            return slots_[i].entity;
    return nullptr;
}

void identity_map::insert(entity_record& entity, std::uint64_t hash)
{
    if (size_ + 1 > slots_.size() / 3 * 2)
        grow();
    const std::size_t last = slots_.size() - 1;
    std::size_t at = hash & last;
    while (slots_[at].entity != nullptr)
        at = (at + 1) & last;
    slots_[at] = {hash, &entity};
    ++size_;
}

void identity_map::erase(const entity_record& entity) noexcept
{
    if (slots_.empty())
        return;
    const std::size_t last = slots_.size() - 1;
    std::size_t at = hash(entity.key) & last;
    while (slots_[at].entity != &entity) {
        if (slots_[at].entity == nullptr)
            return;
        at = (at + 1) & last;
    }
    --size_;
    // Those behind it move up where they are closer to where they belong, so that no marker need stay.
    for (std::size_t next = (at + 1) & last; slots_[next].entity != nullptr; next = (next + 1) & last) {
        const std::size_t home = slots_[next].hash & last;
        if (((next - home) & last) >= ((next - at) & last)) {
            slots_[at] = slots_[next];
            at = next;
        }
    }
    slots_[at] = {};
}

void identity_map::grow()
{
    std::vector<slot> old(slots_.empty() ? first_size : slots_.size() * 2);
    std::swap(old, slots_);
    const std::size_t last = slots_.size() - 1;
    for (const slot& each : old) {
        if (each.entity == nullptr)
            continue;
        std::size_t at = each.hash & last;
        while (slots_[at].entity != nullptr)
            at = (at + 1) & last;
        slots_[at] = each;
    }
}

} // namespace tusk::orm::detail
