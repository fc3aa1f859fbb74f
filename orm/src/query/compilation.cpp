#include "query/compilation.hpp"

#include "mapping/quoted.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/table_info.hpp>

#include <algorithm>

namespace tusk::orm::detail {

namespace {

bool is_chosen(const column_info& column, const column_choice& by)
{
    if (!column.is_deferred)
        return true;
    if (by.is_only && std::ranges::find(by.only, &column) == by.only.end())
        return false;
    return std::ranges::find(by.left_out, &column) == by.left_out.end();
}

const table_reference& of_table(const source& from, const table_info& table)
{
    const table_reference* const itself = from.as_table();
    return itself != nullptr ? *itself : reference_to(table);
}

} // namespace

const column_choice* choice_of(const std::vector<load_option>& options, const table_info& table)
{
    for (const auto& each : options) {
        if (each.strategy != load_strategy::self)
            continue;
        const auto& named = each.columns.is_only ? each.columns.only : each.columns.left_out;
        if (!named.empty() && named.front()->table == &table)
            return &each.columns;
    }
    return nullptr;
}

void compilation::add_value()
{
    auto& output = made.outputs.emplace_back();
    output.first_column = made.column_count++;
    sources_.push_back(nullptr);
}

std::span<const column_info* const> compilation::columns_of(const table_reference& table, const column_choice* choice)
{
    const auto& all = table.columns();
    if (choice == nullptr || std::ranges::none_of(all, &column_info::is_deferred))
        return all;
    if (!kept_)
        kept_ = std::make_shared<keepsake>();
    auto& chosen = kept_->lists.emplace_back();
    std::ranges::copy_if(all, std::back_inserter(chosen),
                         [&](const column_info* each) { return is_chosen(*each, *choice); });
    return chosen;
}

std::size_t compilation::add_entity(const source& from, const table_info& table, const column_choice* choice)
{
    auto& output = made.outputs.emplace_back();
    output.table = &table;
    output.first_column = made.column_count;
    output.columns = columns_of(of_table(from, table), choice);
    made.column_count += output.columns.size();
    sources_.push_back(&from);
    return made.outputs.size() - 1;
}

void compilation::add_outputs(const std::vector<output_item>& outputs, const std::vector<load_option>& options)
{
    made.outputs.reserve(outputs.size());
    for (const auto& each : outputs) {
        if (each.value)
            add_value();
        else
            add_entity(*each.entity, *each.entity->table(), choice_of(options, *each.entity->table()));
    }
    made.result_count = outputs.size();
}

void compilation::write_entity(std::size_t output)
{
    const auto& of = made.outputs[output];
    const source& from = *source_of(output);
    const table_reference& table = of_table(from, *of.table);
    if (&table == &from && of.columns.size() == table.columns().size() && out.name_of(from) == from.name()) {
        out.write(table.all_columns());
        return;
    }
    std::string_view between;
    for (const column_info* each : of.columns) {
        out.write(between);
        between = ", ";
        out.write_column(from, quoted(each->name));
    }
}

void compilation::write_outputs(const std::vector<output_item>& outputs)
{
    for (std::size_t i = 0; i != made.outputs.size(); ++i) {
        if (i != 0)
            out.write(", ");
        if (made.outputs[i].table != nullptr) {
            write_entity(i);
            continue;
        }
        const node& value = *outputs[i].value;
        out.write(value);
        if (const auto name = value.label(); !name.empty()) {
            out.write(" AS ");
            out.write(quoted(name));
        }
    }
}

compiled_statement compilation::finish()
{
    made.sql = out.take_text();
    made.parameters = out.take_parameters();
    made.tables = out.take_tables();
    if (kept_) {
        kept_->of = std::move(of_);
        made.owner = std::move(kept_);
    } else {
        made.owner = std::move(of_);
    }
    return std::move(made);
}

} // namespace tusk::orm::detail
