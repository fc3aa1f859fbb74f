// What handles do to entities.
#include "unit_of_work/entity_store.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/entity_node.hpp>

#include <fmt/format.h>

namespace tusk::orm::detail {

void first_handle(entity_node& node) noexcept { node.store->first_handle(); }

void last_handle_gone(entity_node& node) noexcept { node.store->last_handle_gone(record_of(node)); }

void open_for_changes(entity_node& node)
{
    if (node.state == entity_state::dead)
        fail_dead_handle(node);
    node.store->open(record_of(node));
}

void fail_null_handle()
{
    throw usage_error{"this handle is null: there is no entity behind it. Ask it first: if (handle) ..."};
}

void fail_dead_handle(const entity_node& node)
{
    throw usage_error{
        fmt::format("this handle is dead: {} was removed and that was committed, or its INSERT was rolled "
                    "back",
                    node.table->class_name())};
}

} // namespace tusk::orm::detail
