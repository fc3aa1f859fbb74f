#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/driver/detail/huge_pages.hpp>
#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

class member_readers;

/// What the flushes of a transaction have done to entities, so that a rollback, to a savepoint or of everything, can
/// undo it.
class undo_log
{
public:
    using former_key = std::unique_ptr<const std::string>;

    undo_log() = default;
    undo_log(const undo_log&) = delete;
    undo_log& operator=(const undo_log&) = delete;

    /// So many rows are about to be noted.
    void expect(std::size_t rows);

    void inserted(entity_record& entity);
    /// @param before  Its columns as they were.
    /// @param key     ... and its key; null where that has not changed.
    void updated(entity_record& entity, std::unique_ptr<row_image> before, former_key key);
    void removed(entity_record& entity, std::string key);
    /// One that was removed is not in that relation any more.
    void forgotten(entity_record& entity, const relation_info& of, entity_node& gone);
    /// Takes over what has changed in its relations.
    void relations_written(entity_record& entity);

    /// How far it has come: for a savepoint.
    struct mark {
        std::size_t rows = 0;
        std::size_t relations = 0;
    };
    [[nodiscard]] mark now() const noexcept { return {rows_.size(), relations_.size()}; }

    /// New entities are dead, changed ones are what they were, deleted ones are back.
    void roll_back_to(mark to, member_readers& readers);
    /// Deleted entities are dead.
    void commit() noexcept;
    /// Whether it was a commit or a rollback is not known: deleted entities belong to no session.
    void abandon() noexcept;
    /// Nobody will ask any more; the entities are let go by whoever has them.
    void forget() noexcept;

private:
    enum class what : std::uint8_t { inserted, updated, removed };
    struct row {
        entity_record* entity;
        std::unique_ptr<row_image> before; ///< Of an updated one.
        former_key key;                    ///< Of a removed one; of an updated one where it has another one now.

        [[nodiscard]] what done() const noexcept
        {
            return before ? what::updated : key ? what::removed : what::inserted;
        }
    };
    struct relation {
        entity_record* entity;
        const relation_info* of;
        collection_member::changes collection;
        reference_member::changes reference;
    };

    void end(entity_state of_removed) noexcept;
    void undo(row& of, member_readers& readers);
    static void undo(relation& of);
    static void let_go(relation& of) noexcept;

    tusk::detail::long_vector<row> rows_;
    std::vector<relation> relations_;
};

/// The columns of an entity become what they were.
void restore_columns(entity_record& entity, const row_image& before, member_readers& readers);

} // namespace tusk::orm::detail
