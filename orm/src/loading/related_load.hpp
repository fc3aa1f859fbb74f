#pragma once

#include "loading/key_encoder.hpp"
#include "loading/load_task.hpp"
#include "query/compiled.hpp"
#include "unit_of_work/entity_store.hpp"

#include <tusk/driver/parameters.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/orm/detail/relation_member.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tusk::orm::detail {

/// One relation that is loaded for many owners: the keys are asked for in statements of a bounded size, and what comes
/// back is given to the owners. It does no I/O itself.
class related_load
{
public:
    /// @throws usage_error  An owner is dead.
    related_load(entity_store& store, const load_task& task);

    /// There are keys that nobody has asked for.
    [[nodiscard]] bool has_more() const noexcept { return next_key_ < asked_.size(); }
    /// The statement for the next of them.
    [[nodiscard]] const std::string& sql() const noexcept { return with_.statement.sql; }
    [[nodiscard]] tusk::parameters next_keys();

    /// What it gave.
    /// @param tasks  What is to be loaded for what came is added.
    void take(const result& rows, std::vector<load_task>& tasks);

    /// All statements have given their rows: the owners get what was found.
    void finish(std::vector<load_task>& tasks);

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// The owners with one key, and what was found for them.
    struct group {
        std::size_t first_owner = none;
        std::vector<entity_node*> found;
    };
    struct owner {
        entity_record* entity = nullptr;
        std::size_t next = none; ///< The next one with the same key.
    };

    void add_owner(entity_record& entity);
    [[nodiscard]] bool can_look_up() const;
    [[nodiscard]] entity_record* look_up(const std::string& key) const;
    void set(entity_record& to, const std::vector<entity_node*>& found) const;

    entity_store& store_;
    const relation_info& relation_;
    selectin_statement with_;
    key_encoder near_;
    bool looks_up_;
    std::unordered_map<std::string, group> groups_;
    std::vector<owner> owners_;
    std::vector<const std::string*> asked_; ///< Keys of `groups_`.
    std::size_t next_key_ = 0;
    std::vector<entity_record*> known_; ///< Members that were in the identity map.
};

} // namespace tusk::orm::detail
