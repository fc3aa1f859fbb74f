#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// A relation whose entities come in the same rows as their owners.
class joined_relation
{
public:
    explicit joined_relation(const relation_info& relation) noexcept : relation_{&relation} {}

    /// One row. An owner without a member has none at all, or it stands in other rows.
    void add(entity_record* owner, entity_record* member);

    /// All rows were seen: the owners get what was found.
    void finish();

private:
    using pair = std::pair<const entity_record*, const entity_record*>;
    struct pair_hash {
        std::size_t operator()(const pair& of) const noexcept
        {
            return std::hash<const void*>{}(of.first) * 31 + std::hash<const void*>{}(of.second);
        }
    };
    struct group {
        entity_record* owner = nullptr;
        std::vector<entity_node*> members;
    };

    group& group_of(entity_record& owner);

    const relation_info* relation_;
    std::vector<group> groups_;
    std::unordered_map<const entity_record*, std::size_t> positions_;
    std::unordered_set<pair, pair_hash> seen_;
};

} // namespace tusk::orm::detail
