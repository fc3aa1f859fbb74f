#include "loading/result_reader.hpp"

#include <tusk/orm/detail/row_start.hpp>

namespace tusk::orm::detail {

namespace {

std::vector<placed_column> placed(const compiled_output& of)
{
    std::vector<placed_column> made;
    for (std::size_t i = 0; i < of.columns.size(); ++i)
        if (of.columns[i] != nullptr) // a column that is nobody's, in SQL of the caller's
            made.push_back({of.columns[i], of.first_column + i});
    return made;
}

} // namespace

result_reader::result_reader(entity_store& store, const compiled_statement& of, std::span<const tusk::column> columns,
                             on_known known)
    : of_{&of}, fields_{columns.size()}
{
    slots_.resize(of.outputs.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const compiled_output& output = of.outputs[i];
        if (output.table == nullptr)
            continue;
        slots_[i].reader.emplace(store, *output.table, placed(output), columns, known);
        if (output.relation != nullptr)
            slots_[i].joined.emplace(*output.relation);
    }
}

void result_reader::expect(std::size_t rows)
{
    results_.reserve(rows);
    for (slot& each : slots_)
        if (each.reader)
            each.reader->expect(rows);
}

void result_reader::read(const row_view& row)
{
    fields_.look_at(start_of(row));
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slot& here = slots_[i];
        if (!here.reader)
            continue;
        const compiled_output& output = of_->outputs[i];
        here.current = here.reader->read(fields_);
        if (i < of_->result_count)
            keep_result(here.current);
        if (here.joined)
            here.joined->add(slots_[output.parent].current, here.current);
        if (!output.to_load.empty() && here.current != nullptr &&
            (here.owners.empty() || here.owners.back() != here.current))
            here.owners.push_back(here.current);
    }
}

void result_reader::keep_result(entity_record* entity)
{
    if (!of_->repeats_entities || of_->result_count > 1 || entity == nullptr || given_.insert(entity).second)
        results_.push_back(entity);
}

void result_reader::finish(std::vector<load_task>& tasks)
{
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slot& here = slots_[i];
        if (here.joined)
            here.joined->finish();
        for (const load_option* each : of_->outputs[i].to_load) {
            tasks.push_back({each->relation, each, here.owners});
        }
    }
}

} // namespace tusk::orm::detail
