#include <tusk/orm/table_info.hpp>

#include "mapping/table_resolver.hpp"

#include <tusk/orm/detail/table_builder.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm {

std::string column_info::described() const
{
    if (member.empty())
        return fmt::format("{}.{}", table->name(), name);
    return fmt::format("{}::{}", table->class_name(), member);
}

std::string relation_info::described() const { return fmt::format("{}::{}", table->class_name(), name); }

table_info::table_info() = default;
table_info::~table_info() = default;

const column_info* table_info::find_column(std::string_view name) const noexcept
{
    const auto found = std::ranges::find_if(columns_, [&](const column_info& each) { return each.name == name; });
    return found == columns_.end() ? nullptr : &*found;
}

const column_info* table_info::find_member(std::string_view member) const noexcept
{
    const auto found = std::ranges::find_if(columns_, [&](const column_info& each) { return each.member == member; });
    return found == columns_.end() ? nullptr : &*found;
}

const std::vector<foreign_key_info>& table_info::foreign_keys() const
{
    if (!is_resolved_.load(std::memory_order_acquire))
        detail::table_resolver::resolve(*this);
    return foreign_keys_;
}

const std::deque<relation_info>& table_info::relations() const
{
    if (!is_resolved_.load(std::memory_order_acquire))
        detail::table_resolver::resolve(*this);
    return relations_;
}

const relation_info* table_info::find_relation(std::string_view member) const
{
    const std::deque<relation_info>& all = relations();
    const auto found = std::ranges::find_if(all, [&](const relation_info& each) { return each.name == member; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace tusk::orm
