#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// Where the entities of a session live: the identity map, and the objects at addresses that never change.
///
/// It lives as long as its session or any handle. An entity that nobody can reach any more (no handle, no relation of
/// another entity, nothing unsaved) is destroyed, so that a long session does not grow without end.
/// @par Thread safety  One strand: that of its session.
class entity_store
{
public:
    entity_store();
    entity_store(const entity_store&) = delete;
    entity_store& operator=(const entity_store&) = delete;

    /// The session's share in it.
    void attach() noexcept;
    /// The session is gone: entities keep their values, and are detached.
    void detach() noexcept;

    /// Takes over a new entity, pending. Its relations are bound, empty and loaded.
    entity_record& add(const table_info& table, void* object);

    /// An entity for a row that arrived.
    struct placed {
        entity_record& entity;
        /// Its columns are to be read from the row: it is new here, or unchanged since an earlier transaction.
        bool takes_values;
        /// It was made for this row: its relations are bound, and not loaded.
        bool is_new;
    };
    placed place(const table_info& table, std::string_view key);
    /// The columns of a placed entity have been read.
    void loaded(entity_record& entity);

    /// Null where none with that key is here.
    [[nodiscard]] entity_record* find(const table_info& table, std::string_view key) const;

    /// The key of an entity as its members are now.
    [[nodiscard]] static std::string key_of(const entity_record& entity);

    /// Entities that may have changed: pending, opened for changes, with changed relations, marked deleted.
    [[nodiscard]] const std::vector<entity_record*>& touched() const noexcept;
    void touch(entity_record& entity);

    /// The transaction that is under way; grows by one with each commit and rollback.
    [[nodiscard]] std::uint64_t transaction() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace tusk::orm::detail
