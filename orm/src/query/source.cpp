#include "query/source.hpp"

#include "mapping/quoted.hpp"
#include "query/renderer.hpp"

#include <tusk/orm/table_info.hpp>

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace tusk::orm::detail {

source::~source() = default;

const table_reference* source::as_table() const noexcept { return nullptr; }

table_reference::table_reference(const table_info& table) : source{&table, qualified(table)}
{
    columns_.reserve(table.columns().size());
    for (const column_info& each : table.columns()) {
        columns_.push_back(&each);
        if (!all_columns_.empty())
            all_columns_ += ", ";
        all_columns_ += name() + '.' + quoted(each.name);
    }
}

void table_reference::render(renderer& to, std::string_view name) const { to.write(name); }

std::string table_reference::base_name() const { return table()->name(); }

const table_reference* table_reference::as_table() const noexcept { return this; }

alias_reference::alias_reference(const table_info& table, std::string_view name)
    : source{&table, name.empty() ? std::string{} : quoted(name)}
{
}

void alias_reference::render(renderer& to, std::string_view name) const
{
    to.write(reference_to(*table()).name());
    to.write(" AS ");
    to.write(name);
}

std::string alias_reference::base_name() const { return table()->name(); }

namespace {

/// All tables that were ever asked for. Tables live as long as the program, and so does this.
class table_register
{
public:
    const std::shared_ptr<const table_reference>& find(const table_info& table)
    {
        {
            const std::shared_lock reading{mutex_};
            if (const auto found = known_.find(&table); found != known_.end())
                return found->second;
        }
        auto made = std::make_shared<const table_reference>(table);
        const std::unique_lock writing{mutex_};
        return known_.try_emplace(&table, std::move(made)).first->second;
    }

private:
    std::shared_mutex mutex_;
    std::unordered_map<const table_info*, std::shared_ptr<const table_reference>> known_;
};

table_register& tables()
{
    static auto* const made = new table_register; // for statements in destructors of static objects
    return *made;
}

} // namespace

const table_reference& reference_to(const table_info& table) { return *tables().find(table); }

source_ptr table_source(const table_info& table) { return tables().find(table); }

source_ptr make_alias(const table_info& table, std::string_view name)
{
    return std::make_shared<const alias_reference>(table, name);
}

} // namespace tusk::orm::detail
