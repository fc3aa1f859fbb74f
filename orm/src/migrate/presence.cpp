#include "migrate/presence.hpp"

#include "migrate/names.hpp"

#include <fmt/format.h>

#include <optional>

namespace tusk::migrate::detail {

namespace {

asio::awaitable<std::optional<std::string>> missing_extension(transaction& in, const std::string& name)
{
    const bool is_there =
        co_await in.query_one<bool>("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1)", name);
    if (is_there)
        co_return std::nullopt;
    const bool is_available =
        co_await in.query_one<bool>("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)", name);
    co_return is_available
        ? fmt::format("extension {0}: run CREATE EXTENSION {1} as a role that may, or write it into a revision", name,
                      in_sql(name))
        : fmt::format("extension {}: the server does not have its files either; install them there first", name);
}

asio::awaitable<std::optional<std::string>> missing_function(transaction& in, const std::string& name)
{
    // to_regproc finds nothing where there are several of that name: they are there all the same.
    const std::string sql =
        name.find('(') == std::string::npos
            ? "SELECT to_regproc($1) IS NOT NULL OR EXISTS (SELECT FROM pg_proc WHERE proname = $1 AND "
              "pg_function_is_visible(oid))"
            : "SELECT to_regprocedure($1) IS NOT NULL";
    // Before PostgreSQL 16 an argument of a type that is not there is an error, and a name that is none always is.
    transaction inner = co_await in.begin();
    const auto asked = co_await inner.try_query_one<bool>(sql, name);
    const bool is_there = asked && asked.value();
    co_await inner.rollback();
    if (is_there)
        co_return std::nullopt;
    co_return fmt::format("function {}: write its CREATE FUNCTION into a revision", name);
}

asio::awaitable<std::optional<std::string>> missing_role(transaction& in, const std::string& name)
{
    const bool is_there = co_await in.query_one<bool>("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name);
    if (is_there)
        co_return std::nullopt;
    co_return fmt::format("role {}: run CREATE ROLE {} as a role that may; roles belong to the whole server", name,
                          in_sql(name));
}

} // namespace

asio::awaitable<std::vector<std::string>> find_missing(transaction& in, const orm::metadata& model)
{
    std::vector<std::string> missing;
    for (const orm::required_object& each : model.required()) {
        std::optional<std::string> one;
        switch (each.what) {
        case orm::required_object::kind::extension: one = co_await missing_extension(in, each.name); break;
        case orm::required_object::kind::function: one = co_await missing_function(in, each.name); break;
        case orm::required_object::kind::role: one = co_await missing_role(in, each.name); break;
        }
        if (one)
            missing.push_back(std::move(*one));
    }
    co_return missing;
}

} // namespace tusk::migrate::detail
