#include "migrate/model.hpp"

#include "migrate/names.hpp"
#include "schema/table_order.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <utility>

namespace tusk::migrate::detail {

namespace {

std::vector<std::string> schemas_with_default(const orm::metadata& of)
{
    std::vector<std::string> all{""};
    for (std::string& each : orm::detail::schemas_of(of))
        all.push_back(std::move(each));
    return all;
}

/// Tables, indexes and types of one schema share a room of names.
bool names_collide(const orm::metadata& of)
{
    std::set<std::string> seen;
    bool collide = false;
    const auto add = [&](const std::string& name) { collide = !seen.insert(name).second || collide; };
    for (const orm::table_info* table : of.tables()) {
        add(table->name());
        add(table->primary_key_name());
        for (const orm::unique_info& each : table->uniques())
            add(each.name);
        for (const orm::exclusion_info& each : table->exclusions())
            add(each.name);
        for (const orm::index_info& each : table->indexes())
            add(each.name);
    }
    for (const orm::enum_info* each : of.enums())
        add(each->name);
    return collide;
}

std::string path_of(const std::vector<std::string>& schemas)
{
    std::vector<std::string> names;
    for (const std::string& each : schemas)
        names.push_back(in_sql(each));
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

asio::awaitable<void> set_search_path(transaction& in, std::string path)
{
    co_await in.execute("SELECT set_config('search_path', $1, true)", path);
}

asio::awaitable<building_site> choose_site(transaction& in, const orm::metadata& of, std::string default_schema)
{
    const bool may_temp = co_await in.query_one<bool>("SELECT has_database_privilege(current_database(), 'TEMP')");
    const bool may_create = co_await in.query_one<bool>("SELECT has_database_privilege(current_database(), 'CREATE')");
    const std::vector<std::string> schemas = schemas_with_default(of);
    std::vector<std::string> live{default_schema};
    live.insert(live.end(), schemas.begin() + 1, schemas.end());

    building_site site;
    site.default_schema = default_schema;
    if (may_temp && !names_collide(of)) {
        for (const std::string& each : schemas)
            site.schemas[each] = "pg_temp";
        // On both sides everything is on the path, so that nothing is qualified.
        site.live_path = path_of(live);
        site.build_path = "pg_temp, " + site.live_path;
        site.read_path = site.build_path;
        co_return site;
    }
    if (!may_create)
        throw usage_error{may_temp ? "Tables of two schemas have the same name, so the model cannot be built among the "
                                     "temporary objects, and this role may not create schemas: grant it CREATE on the "
                                     "database, or name a throw-away database with --shadow-url"
                                   : "This role may create neither temporary objects nor schemas, so the model cannot "
                                     "be built for the comparison: grant it TEMP on the database, or name a throw-away "
                                     "database with --shadow-url"};
    std::vector<std::string> scratch;
    for (const std::string& each : schemas) {
        scratch.push_back(fmt::format("tusk_scratch_{}", scratch.size()));
        site.schemas[each] = scratch.back();
    }
    site.to_create = scratch;
    site.build_path = scratch.front() + ", " + path_of(live);
    site.read_path = "pg_catalog";
    site.live_path = "pg_catalog";
    co_return site;
}

building_site site_in_shadow(const orm::metadata& of, const std::string& default_schema)
{
    building_site site;
    site.default_schema = default_schema;
    for (const std::string& each : schemas_with_default(of)) {
        site.schemas[each] = each.empty() ? default_schema : each;
        site.to_create.push_back(site.schemas[each]);
    }
    site.build_path = in_sql(default_schema);
    site.read_path = "pg_catalog";
    site.live_path = "pg_catalog";
    return site;
}

} // namespace tusk::migrate::detail
