#include "unit_of_work/identity_map.hpp"

#include <tusk/driver/detail/big_endian.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace tusk::orm::detail {

namespace {

constexpr std::size_t first_size = 16;

/// So many integers in a row are neighbours in the map. (With more, keys that are all multiples of some power of two
/// would crowd too few places.)
constexpr std::uint64_t neighbours = 8;

/// By how much it grows at once at most. What is expected need not come: rows may repeat the same entities.
constexpr std::size_t longest_stride = 8;

std::uint64_t mixed(std::uint64_t value) noexcept
{
    value ^= value >> 32;
    value *= 0x9e37'79b9'7f4a'7c15;
    value ^= value >> 29;
    value *= 0xbf58'476d'1ce4'e5b9;
    return value ^ (value >> 32);
}

bool is_short(std::string_view key) noexcept { return key.size() <= sizeof(std::uint64_t); }

/// Of a short key, as the server would read it: of an integer the last byte is the one that changes most.
std::uint64_t number_in(std::string_view key) noexcept
{
    std::uint64_t value = 0;
    if (key.size() == sizeof value)
        value = tusk::detail::load_big_endian<std::uint64_t>(reinterpret_cast<const std::byte*>(key.data()));
    else
        for (const char each : key)
            value = value << 8 | static_cast<unsigned char>(each);
    return value;
}

std::uint64_t hash_of(std::uint64_t number) noexcept
{
    return mixed(number / neighbours) * neighbours + number % neighbours;
}

} // namespace

std::uint64_t identity_map::hash(std::string_view key) noexcept
{
    return is_short(key) ? hash_of(number_in(key)) : std::hash<std::string_view>{}(key);
}

entity_record* identity_map::find(std::string_view key) const noexcept
{
    return slots_.empty() ? nullptr : search(key, hash(key)).entity;
}

identity_map::lookup identity_map::look_up(std::string_view key)
{
    if (slots_.size() < slots_for(size_ + 1))
        grow();
    if (!is_short(key))
        return search(key, hash(key));
    const std::uint64_t number = number_in(key);
    if (number % neighbours == 0)
        prefetch(number + neighbours);
    return search(key, hash_of(number));
}

/// Integers mostly come one behind the other, and those neighbours lie somewhere else.
void identity_map::prefetch(std::uint64_t number) const noexcept
{
    const slot* const soon = &slots_[hash_of(number) & last()];
    __builtin_prefetch(soon, 1);
    __builtin_prefetch(soon + neighbours / 2, 1);
}

identity_map::lookup identity_map::search(std::string_view key, std::uint64_t hash) const noexcept
{
    lookup found{nullptr, hash, hash & last(), 0};
    for (const slot* here = &slots_[found.at]; here->entity != nullptr; here = &slots_[found.at]) {
        if (here->hash == hash && here->entity->key == key) {
            found.entity = here->entity;
            break;
        }
        if (way_to(found.at) < found.way)
            break;
        ++found.way;
        found.at = behind(found.at);
    }
    return found;
}

void identity_map::insert(entity_record& entity, const lookup& where) noexcept
{
    put({where.hash, &entity}, where.at, where.way);
    ++size_;
}

void identity_map::put(slot given, std::size_t at, std::size_t way) noexcept
{
    for (; slots_[at].entity != nullptr; ++way, at = behind(at)) {
        if (const std::size_t its = way_to(at); its < way) {
            std::swap(slots_[at], given);
            way = its;
        }
    }
    slots_[at] = given;
}

void identity_map::erase(const entity_record& entity) noexcept
{
    if (slots_.empty())
        return;
    std::size_t at = hash(entity.key) & last();
    for (; slots_[at].entity != &entity; at = behind(at))
        if (slots_[at].entity == nullptr)
            return;
    --size_;
    // Those behind it that are not where they belong move up, so that no marker need stay.
    for (std::size_t next = behind(at); slots_[next].entity != nullptr && way_to(next) != 0; next = behind(at)) {
        slots_[at] = slots_[next];
        at = next;
    }
    slots_[at] = {};
}

std::size_t identity_map::slots_for(std::size_t entities) noexcept
{
    return std::bit_ceil(std::max(first_size, entities / 2 * 3 + 1));
}

void identity_map::grow()
{
    const std::size_t most = std::max(first_size, slots_.size()) * longest_stride;
    tusk::detail::long_vector<slot> old(std::min(most, std::max(slots_.size() * 2, slots_for(expected_))));
    std::swap(old, slots_);
    for (const slot& each : old)
        if (each.entity != nullptr)
            put(each, each.hash & last(), 0);
}

} // namespace tusk::orm::detail
