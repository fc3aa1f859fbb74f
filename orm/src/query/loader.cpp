#include <tusk/orm/loader.hpp>

#include <tusk/driver/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::orm::detail {

namespace {

const table_info* table_of_choice(const load_option& of)
{
    const auto& named = of.columns.is_only ? of.columns.only : of.columns.left_out;
    return named.empty() ? nullptr : named.front()->table;
}

bool is_about_the_same(const load_option& a, const load_option& b)
{
    if (a.relation != b.relation)
        return false;
    return a.relation != nullptr || table_of_choice(a) == table_of_choice(b);
}

} // namespace

void add_option(std::vector<load_option>& to, load_option option)
{
    const auto known = std::ranges::find_if(to, [&](const auto& each) { return is_about_the_same(each, option); });
    if (known == to.end()) {
        to.push_back(std::move(option));
        return;
    }
    known->strategy = option.strategy;
    known->is_inner = option.is_inner;
    known->contained = option.contained;
    if (option.columns.is_only || !option.columns.left_out.empty())
        known->columns = std::move(option.columns);
    for (auto& each : option.nested)
        add_option(known->nested, std::move(each));
}

load_option& end_of(load_option& chain, std::size_t depth)
{
    load_option* at = &chain;
    while (depth-- != 0)
        at = &at->nested.back();
    return *at;
}

const column_info& column_of_member(const table_info& table, std::string_view member)
{
    const column_info* const found = table.find_member(member);
    if (found == nullptr)
        throw usage_error{fmt::format("{}::{} is not mapped to a column: add orm::column<&{}::{}>() to its table",
                                      table.class_name(), member, table.class_name(), member)};
    return *found;
}

const relation_info& relation_of_member(const table_info& table, std::string_view member)
{
    const relation_info* const found = table.find_relation(member);
    if (found == nullptr)
        throw usage_error{
            fmt::format("{}::{} is not mapped to a relation: add orm::relationship<&{}::{}>() to its table",
                        table.class_name(), member, table.class_name(), member)};
    return *found;
}

} // namespace tusk::orm::detail
