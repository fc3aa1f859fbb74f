#pragma once

#include <tusk/orm/detail/entity_node.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// What the columns of an entity were when the database had the same: each as we would encode it, so that comparing is
/// exact for every type, containers and documents too. (The bytes of the wire would not do: numeric scale, jsonb and
/// others are not canonical there.)
class baseline
{
public:
    [[nodiscard]] bool empty() const noexcept { return ends_.empty(); }
    void clear() noexcept;

    /// Appends the next column: its encoding, or NULL, or nothing known (a deferred column that is not loaded).
    void add(std::string_view encoded);
    void add_null();
    void add_unknown();

    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] bool is_known(std::size_t column) const noexcept;
    [[nodiscard]] std::string_view operator[](std::size_t column) const noexcept;

private:
    enum class what : std::uint8_t { value, null, unknown };

    std::string bytes_;
    std::vector<std::uint32_t> ends_;
    std::vector<what> kinds_;
};

/// An entity in its store: the node that handles know, and what only the unit of work knows. The user's object stands
/// directly behind it in memory.
struct entity_record : entity_node {
    /// The encoded primary key under which the identity map has it; empty while it has no row.
    std::string key;
    baseline before;
    /// How many relation members of other entities point to it.
    std::uint32_t held = 0;
    /// The transaction in which its columns were last read or written: within it, a row that arrives again does not
    /// overwrite them.
    std::uint64_t transaction = 0;
    /// The order of `add`.
    std::uint64_t number = 0;
    bool is_marked_deleted = false; ///< `remove` was called; the next flush deletes it.
    bool is_on_list = false;        ///< It is on its store's list of entities that may have changed.
};

} // namespace tusk::orm::detail
