#pragma once

#include "unit_of_work/row_image.hpp"

#include <tusk/orm/detail/entity_node.hpp>
#include <tusk/orm/table_info.hpp>

#include <memory>
#include <unordered_map>

namespace tusk::orm::detail {

/// A new object of a class, as its constructor leaves it: what an INSERT compares with to see what was never set.
class entity_prototype
{
public:
    explicit entity_prototype(const table_info& table);
    entity_prototype(const entity_prototype&) = delete;
    entity_prototype& operator=(const entity_prototype&) = delete;
    ~entity_prototype();

    [[nodiscard]] bool is_of(const table_info& table) const noexcept { return node_.table == &table; }
    [[nodiscard]] const row_image& image() const noexcept { return *image_; }
    [[nodiscard]] const void* object() const noexcept { return node_.object; }
    [[nodiscard]] const void* member(const column_info& of) const noexcept
    {
        return of.operations.member(node_.object);
    }

private:
    entity_node node_;
    std::unique_ptr<row_image> image_;
};

/// One a table, made when it is first asked for.
class prototypes
{
public:
    const entity_prototype& of(const table_info& table)
    {
        if (last_ != nullptr && last_->is_of(table))
            return *last_;
        std::unique_ptr<entity_prototype>& found = made_[&table];
        if (!found)
            found = std::make_unique<entity_prototype>(table);
        last_ = found.get();
        return *found;
    }

private:
    std::unordered_map<const table_info*, std::unique_ptr<entity_prototype>> made_;
    const entity_prototype* last_ = nullptr; ///< The one that was asked for last.
};

} // namespace tusk::orm::detail
