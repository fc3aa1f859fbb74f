#include "loading/related_load.hpp"

#include "loading/key_array.hpp"
#include "loading/key_reader.hpp"
#include "loading/result_reader.hpp"
#include "loading/set_related.hpp"
#include "unit_of_work/key.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <unordered_set>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// Keys a statement.
constexpr std::size_t most_keys = 10'000;

std::vector<const column_info*> near_columns(const selectin_statement& of)
{
    std::vector<const column_info*> columns;
    columns.reserve(of.keys.size());
    for (const column_pair& each : of.keys)
        columns.push_back(each.near);
    return columns;
}

selectin_statement statement_for(const load_task& task)
{
    return task.option == nullptr ? compile_selectin(*task.relation) : compile_selectin(*task.relation, *task.option);
}

} // namespace

related_load::related_load(entity_store& store, const load_task& task)
    : store_{store},
      relation_{*task.relation},
      with_{statement_for(task)},
      near_{near_columns(with_)},
      looks_up_{can_look_up()}
{
    std::unordered_set<const entity_record*> seen;
    for (entity_record* each : task.owners)
        if (seen.insert(each).second)
            add_owner(*each);
}

/// The foreign key refers to the primary key of the target, and nothing is to be read beside the target itself.
bool related_load::can_look_up() const
{
    return relation_.kind == relation_kind::many_to_one && with_.statement.outputs.size() == 1 &&
           with_.keys.size() == relation_.target->primary_key().size() &&
           std::ranges::all_of(with_.keys, [](const column_pair& each) { return each.far->is_primary_key; });
}

entity_record* related_load::look_up(const std::string& key) const
{
    const auto& primary = relation_.target->primary_key();
    const std::vector<std::string_view> parts = parts_of(key, primary.size());
    std::string wanted; // the relation may name the columns in another order
    for (const column_info* each : primary) {
        const auto pair = std::ranges::find(with_.keys, each, &column_pair::far);
        const std::string_view part = parts[static_cast<std::size_t>(pair - with_.keys.begin())];
        append_key_part(wanted, std::as_bytes(std::span{part}), primary.size() == 1);
    }
    entity_record* const found = store_.find(*relation_.target, wanted);
    return found != nullptr && found->state == entity_state::persistent ? found : nullptr;
}

void related_load::add_owner(entity_record& entity)
{
    if (entity.state == entity_state::dead)
        fail_dead_handle(entity);
    std::string key;
    if (!near_.encode(entity.object, key)) {
        set(entity, {});
        return;
    }
    const auto [at, is_new] = groups_.try_emplace(std::move(key));
    group& to = at->second;
    owners_.push_back({&entity, std::exchange(to.first_owner, owners_.size())});
    if (!is_new)
        return;
    if (entity_record* const known = looks_up_ ? look_up(at->first) : nullptr) {
        to.found.push_back(known);
        known_.push_back(known);
    } else {
        asked_.push_back(&at->first);
    }
}

tusk::parameters related_load::next_keys()
{
    const auto arrays = std::make_shared<std::deque<key_array>>();
    for (std::size_t i = 0; i < with_.keys.size(); ++i)
        arrays->emplace_back(with_.key_types[i], with_.keys[i].near->type_oid, near_.is_text(i));
    const std::size_t end = std::min(asked_.size(), next_key_ + most_keys);
    for (; next_key_ < end; ++next_key_) {
        const auto parts = parts_of(*asked_[next_key_], arrays->size());
        for (std::size_t i = 0; i < parts.size(); ++i)
            (*arrays)[i].add(parts[i]);
    }
    std::vector<tusk::detail::parameter> described;
    described.reserve(arrays->size());
    for (const key_array& each : *arrays)
        described.push_back(each.as_parameter());
    return tusk::parameters{}.add_described(described, arrays);
}

void related_load::take(const result& rows, std::vector<load_task>& tasks)
{
    if (rows.empty())
        return;
    result_reader reader{store_, with_.statement, rows.columns(), on_known::keep};
    reader.expect(rows.size());
    key_reader keys{near_.columns(), with_.key_columns, rows.columns()};
    group* to = nullptr;
    std::string last;
    for (const row_view row : rows) {
        reader.read(row);
        entity_record* const member = reader.entity(with_.target);
        const std::optional<std::string_view> key = keys.read(reader.fields());
        if (member == nullptr || !key)
            continue;
        if (to == nullptr || *key != last) {
            last = *key;
            const auto found = groups_.find(last);
            to = found == groups_.end() ? nullptr : &found->second;
        }
        // With a collection joined to it, a member comes in several rows, one behind the other.
        if (to != nullptr && (to->found.empty() || to->found.back() != member))
            to->found.push_back(member);
    }
    reader.finish(tasks);
}

void related_load::finish(std::vector<load_task>& tasks)
{
    for (group& each : groups_ | std::views::values) {
        for (std::size_t i = each.first_owner; i != none; i = owners_[i].next)
            set(*owners_[i].entity, each.found);
    }
    if (known_.empty())
        return;
    for (const load_option* each : with_.statement.outputs[with_.target].to_load)
        tasks.push_back({each->relation, each, known_});
}

void related_load::set(entity_record& to, const std::vector<entity_node*>& found) const
{
    set_related(relation_, to, found);
}

} // namespace tusk::orm::detail
