#include <tusk/orm/metadata.hpp>

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::orm {

namespace {

bool same_columns(const table_info& a, const table_info& b)
{
    return std::ranges::equal(a.columns(), b.columns(), [](const column_info& one, const column_info& other) {
        return one.name == other.name && one.type == other.type;
    });
}

std::string described(const table_info& table)
{
    return table.class_name().empty() ? fmt::format("the secondary table \"{}\"", table.name()) : table.class_name();
}

void require_among(const std::vector<const table_info*>& tables, const table_info& wanted, const std::string& who)
{
    if (std::ranges::find(tables, &wanted) == tables.end())
        throw usage_error{fmt::format("{} leads to {}, which is not described: name it in "
                                      "orm::describe<...>() too",
                                      who, wanted.class_name())};
}

} // namespace

metadata::metadata(std::vector<const table_info*> tables) : tables_{std::move(tables)}
{
    const std::vector<const table_info*> mapped = tables_;
    for (const table_info* each : mapped) {
        for (const foreign_key_info& key : each->foreign_keys())
            require_among(mapped, *key.referred_table, key.columns.front()->described());
        for (const relation_info& relation : each->relations()) {
            require_among(mapped, *relation.target, relation.described());
            if (relation.secondary == nullptr)
                continue;
            const table_info* there = find(relation.secondary->schema(), relation.secondary->name());
            if (there == nullptr)
                tables_.push_back(relation.secondary);
            else if (!same_columns(*there, *relation.secondary))
                throw usage_error{fmt::format("{}: its secondary table \"{}\" has other columns than {}",
                                              relation.described(), relation.secondary->name(), described(*there))};
        }
    }
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            if (tables_[i]->name() == tables_[j]->name() && tables_[i]->schema() == tables_[j]->schema())
                throw usage_error{fmt::format("{} and {} are both mapped to the table \"{}\"", described(*tables_[j]),
                                              described(*tables_[i]), tables_[i]->name())};
        for (const column_info& column : tables_[i]->columns())
            if (column.enumeration != nullptr && std::ranges::find(enums_, column.enumeration) == enums_.end())
                enums_.push_back(column.enumeration);
    }
}

metadata metadata::requires_extension(std::string name) &&
{
    required_.push_back({required_object::kind::extension, std::move(name)});
    return std::move(*this);
}

metadata metadata::requires_function(std::string name) &&
{
    required_.push_back({required_object::kind::function, std::move(name)});
    return std::move(*this);
}

metadata metadata::requires_role(std::string name) &&
{
    required_.push_back({required_object::kind::role, std::move(name)});
    return std::move(*this);
}

const table_info* metadata::find(std::string_view schema, std::string_view name) const noexcept
{
    const auto found = std::ranges::find_if(
        tables_, [&](const table_info* each) { return each->schema() == schema && each->name() == name; });
    return found == tables_.end() ? nullptr : *found;
}

} // namespace tusk::orm
