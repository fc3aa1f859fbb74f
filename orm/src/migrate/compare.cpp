// Compares a model with a database.
#include "migrate/catalog.hpp"
#include "migrate/differ.hpp"
#include "migrate/presence.hpp"
#include "migrate/run.hpp"

#include <tusk/driver/connect.hpp>
#include <tusk/orm/migrate.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::migrate {

namespace {

using namespace detail;

void require_heads(const history& all, const revision_set& applied, const std::map<std::string, logged_revision>& log)
{
    for (const auto& [id, logged] : log)
        if (!logged.running.empty())
            throw usage_error{fmt::format("Target database is not up to date: the {} of revision {} is half done; "
                                          "finish it with the command {}",
                                          logged.running, id, logged.running)};
    const std::vector<const revision*> heads = all.heads();
    if (!std::ranges::all_of(heads, [&](const revision* each) { return applied.contains(each); }))
        throw usage_error{"Target database is not up to date: bring it to the heads with \"upgrade heads\" first"};
}

/// What the database has of the model's schemas and of those of the revisions.
asio::awaitable<snapshot> read_live(transaction& in, const orm::metadata& model, const owned_objects& owned,
                                    std::string default_schema, const version_table& versions)
{
    std::vector<std::string> schemas{default_schema};
    const auto add = [&](const std::string& each) {
        if (!each.empty() && std::ranges::find(schemas, each) == schemas.end())
            schemas.push_back(each);
    };
    for (const std::string& each : orm::detail::schemas_of(model))
        add(each);
    for (const auto& [schema, name] : owned.tables)
        add(schema);
    for (const orm::table_info* each : model.tables()) // was("old_schema.name")
        add(each->was().substr(0, each->was().find('.') == std::string::npos ? 0 : each->was().find('.')));
    snapshot live = co_await read_catalog(in, schemas);
    const auto rename = [&](std::string& schema) {
        if (schema == default_schema)
            schema.clear();
    };
    std::erase_if(live.tables, [&](const snapshot_table& each) {
        return each.schema == default_schema && (each.name == versions.name() || each.name == versions.log_name());
    });
    for (snapshot_table& table : live.tables) {
        rename(table.schema);
        for (snapshot_constraint& each : table.constraints)
            rename(each.referred_schema);
    }
    for (snapshot_enum& each : live.enums)
        rename(each.schema);
    co_return live;
}

asio::awaitable<std::set<std::string>> find_missing_schemas(transaction& in, const orm::metadata& model)
{
    std::set<std::string> missing;
    for (const std::string& each : orm::detail::schemas_of(model)) {
        const bool is_there =
            co_await in.query_one<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", each);
        if (!is_there)
            missing.insert(each);
    }
    co_return missing;
}

asio::awaitable<built_model> build_in_shadow(const orm::metadata& model, const building_site& site, std::string url)
{
    connection shadow = co_await connect(url);
    transaction tx = co_await shadow.begin();
    built_model built = co_await build_model(tx, model, site);
    co_await tx.rollback();
    co_await shadow.close();
    co_return built;
}

asio::awaitable<differences> compare_with(connection& on, const orm::metadata& model, const settings& with)
{
    const history all = history::load(with.directory);
    const version_table versions{with.version_table};
    const std::vector<std::string> at = co_await versions.read_versions(on);
    const auto log = co_await versions.read_log(on);
    require_heads(all, all.applied(at), log);

    transaction tx = co_await on.begin();
    const auto default_schema =
        co_await tx.query_optional<std::string>("SELECT current_schema()::text WHERE current_schema() IS NOT NULL");
    if (!default_schema)
        throw usage_error{"The search path of this role leads to no schema: set it, or create the schema"};
    std::vector<std::string> missing = co_await find_missing(tx, model);
    const owned_objects owned = owned_by(all, *default_schema);
    building_site site;
    if (with.shadow_url.empty())
        site = co_await choose_site(tx, model, *default_schema);
    else
        site = site_in_shadow(model, *default_schema);
    // The database first: once the model is built among the temporary objects, it stands before everything else.
    co_await set_search_path(tx, site.live_path);
    live_database there;
    there.default_schema = *default_schema;
    there.has = co_await read_live(tx, model, owned, *default_schema, versions);
    there.owned = owned;
    there.missing_schemas = co_await find_missing_schemas(tx, model);
    built_model built;
    if (with.shadow_url.empty())
        built = co_await build_model(tx, model, site);
    else
        built = co_await build_in_shadow(model, site, with.shadow_url);
    co_await tx.rollback();

    differ work{model, built, std::move(there), with.online};
    const std::vector<operation> operations = work.compare();
    differences found;
    for (const operation& each : operations)
        found.operations.push_back(each.summary);
    found.not_compared = built.not_compared;
    found.missing = std::move(missing);
    found.upgrade = upgrade_text(operations);
    found.downgrade = downgrade_text(operations);
    co_return found;
}

} // namespace

asio::awaitable<differences> migrator::compare(connection& on) const { return compare_with(on, model_, settings_); }

} // namespace tusk::migrate
