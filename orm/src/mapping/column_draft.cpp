// What the options of a column, a relation and an index mean.
#include <tusk/orm/detail/table_builder.hpp>

#include "mapping/quoted.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace tusk::orm::detail {

void column_draft::set_server_default(std::string sql) { info.server_default = std::move(sql); }

void column_draft::set_on_update(std::string sql) { info.on_update = std::move(sql); }

void column_draft::set_reference(column_reference to, on_delete when_deleted, on_key_update when_changed, deferral when,
                                 std::string_view name)
{
    foreign_key_draft& key = reference.emplace();
    key.columns.push_back(&info);
    key.referred.push_back(to);
    key.when_deleted = when_deleted;
    key.when_changed = when_changed;
    key.when = when;
    key.name = name;
}

void apply(column_draft& to, options::primary_key /*option*/) { to.info.is_primary_key = true; }
void apply(column_draft& to, options::unique /*option*/) { to.is_unique = true; }
void apply(column_draft& to, options::indexed /*option*/) { to.is_indexed = true; }
void apply(column_draft& to, options::identity_always /*option*/) { to.info.generated_id = identity::always; }
void apply(column_draft& to, options::no_identity /*option*/) { to.takes_no_identity = true; }
void apply(column_draft& to, options::nulls_not_distinct /*option*/) { to.nulls_not_distinct = true; }
void apply(column_draft& to, options::not_null /*option*/) { to.must_not_be_null = true; }
void apply(column_draft& to, const options::name& option) { to.info.name = option.text; }
void apply(column_draft& to, const options::type& option) { to.info.type = option.text; }
void apply(column_draft& to, const options::collate& option) { to.info.collation = option.name; }
void apply(column_draft& to, const options::comment& option) { to.info.comment = option.text; }
void apply(column_draft& to, const options::check& option) { to.checks.push_back(option); }
void apply(column_draft& to, const options::generated& option) { to.info.generated = option.expression; }
void apply(column_draft& to, const options::was& option) { to.info.was = option.name; }

void apply(column_draft& to, options::version /*option*/)
{
    if (!to.traits.is_integer || to.traits.is_optional)
        throw usage_error{fmt::format("{}: a version is an integer that is not optional", to.info.described())};
    to.info.is_version = true;
}

void apply(column_draft& to, const options::varchar& option)
{
    to.info.type = fmt::format("varchar({})", option.length);
}

void apply(column_draft& to, const options::character& option)
{
    to.info.type = fmt::format("char({})", option.length);
}

void apply(column_draft& to, const options::decimal& option)
{
    to.info.type = fmt::format("numeric({}, {})", option.precision, option.scale);
}

void apply(relation_draft& to, const options::back_populates& option) { to.reverse = option.member; }
void apply(relation_draft& to, const options::secondary& option) { to.secondary = option; }
void apply(relation_draft& to, cascade option) { to.cascades = option; }
void apply(relation_draft& to, passive_deletes option) { to.when_deleted = option; }
void apply(relation_draft& to, options::post_update /*option*/) { to.is_post_update = true; }
void apply(relation_draft& to, options::view_only /*option*/) { to.is_view_only = true; }

void apply(index_draft& to, options::unique /*option*/) { to.is_unique = true; }
void apply(index_draft& to, options::nulls_not_distinct /*option*/) { to.nulls_not_distinct = true; }
void apply(index_draft& to, const options::name& option) { to.name = option.text; }
void apply(index_draft& to, const options::where& option) { to.where = option.predicate; }
void apply(index_draft& to, const options::using_method& option) { to.method = option.method; }
void apply(index_draft& to, const options::key& option) { to.keys.push_back(option.text); }
void apply(index_draft& to, const options::comment& option) { to.comment = option.text; }

std::string sql_of_constant(bool value) { return value ? "true" : "false"; }

std::string sql_of_constant(long long value) { return fmt::format("{}", value); }

std::string sql_of_constant(double value)
{
    if (std::isfinite(value))
        return fmt::format("{}", value);
    return std::isnan(value) ? "'NaN'" : value > 0 ? "'Infinity'" : "'-Infinity'";
}

std::string sql_of_constant(std::string_view value) { return quoted_literal(value); }

const enum_info* make_enum_info(std::string name, const std::vector<std::string_view>& labels)
{
    auto* made = new enum_info; // kept by the static variable of its class
    made->name = std::move(name);
    made->labels.assign(labels.begin(), labels.end());
    return made;
}

} // namespace tusk::orm::detail
