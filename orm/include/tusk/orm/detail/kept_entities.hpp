#pragma once

#include <tusk/orm/detail/entity_node.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Entities that are kept alive, as handles would; null where there is none.
class kept_entities
{
public:
    kept_entities() = default;
    kept_entities(kept_entities&& other) noexcept : nodes_{std::exchange(other.nodes_, {})} {}
    kept_entities& operator=(kept_entities&& other) noexcept
    {
        std::swap(nodes_, other.nodes_);
        return *this;
    }
    ~kept_entities() { clear(); }

    void push_back(entity_node* node)
    {
        nodes_.push_back(node);
        if (node != nullptr)
            retain(*node);
    }
    void reserve(std::size_t count) { nodes_.reserve(count); }
    void clear() noexcept
    {
        for (entity_node* each : nodes_)
            if (each != nullptr)
                release(*each);
        nodes_.clear();
    }

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
    [[nodiscard]] entity_node* operator[](std::size_t position) const noexcept { return nodes_[position]; }
    [[nodiscard]] entity_node* back() const noexcept { return nodes_.back(); }
    [[nodiscard]] auto begin() const noexcept { return nodes_.begin(); }
    [[nodiscard]] auto end() const noexcept { return nodes_.end(); }

private:
    std::vector<entity_node*> nodes_;
};

} // namespace tusk::orm::detail
