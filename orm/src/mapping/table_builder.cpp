#include <tusk/orm/detail/table_builder.hpp>

#include "mapping/naming.hpp"
#include "mapping/type_oid.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tusk::orm::detail {

namespace {

std::string plain_class_name(std::string_view qualified)
{
    if (const auto colon = qualified.rfind(':'); colon != std::string_view::npos)
        qualified.remove_prefix(colon + 1);
    return std::string{qualified};
}

} // namespace

table_builder::table_builder(std::string_view table, std::string_view class_name, const entity_operations& operations)
    : table_{std::make_unique<table_info>()}
{
    table_->name_ = table;
    table_->class_name_ = plain_class_name(class_name);
    table_->operations_ = operations;
    table_->draft_ = std::make_unique<table_draft>();
    if (table.empty())
        throw usage_error{fmt::format("{}: its table has no name", table_->class_name_)};
}

table_builder::~table_builder() = default;

column_draft& table_builder::add_column(std::string_view member, std::string type, const column_operations& operations,
                                        const column_traits& traits)
{
    column_info& info = table_->columns_.emplace_back();
    info.table = table_.get();
    info.position = table_->columns_.size() - 1;
    info.name = member;
    info.member = member;
    info.type = std::move(type);
    info.is_deferred = traits.is_deferred;
    info.enumeration = traits.enumeration;
    info.operations = operations;
    return draft_.emplace(info, traits);
}

void table_builder::finish_column(column_draft& draft)
{
    column_info& info = draft.info;
    for (std::size_t i = 0; i < info.position; ++i)
        if (table_->columns_[i].name == info.name)
            throw usage_error{fmt::format("{}: the table \"{}\" has two columns named \"{}\"; rename one of them with "
                                          "orm::name(\"...\")",
                                          info.described(), table_->name_, info.name)};
    if (info.is_primary_key && draft.traits.is_optional)
        throw usage_error{
            fmt::format("{}: a primary key cannot be NULL; make the member a plain value", info.described())};
    info.is_nullable = draft.traits.is_optional && !draft.must_not_be_null;
    info.type_oid = oid_of_column_type(info.type);
    // `orm::type("text")` on the member of an enum: then there is no type of its own.
    if (info.enumeration != nullptr && info.type != info.enumeration->name &&
        info.type != info.enumeration->name + "[]")
        info.enumeration = nullptr;
    if (info.generated_id == identity::always && !draft.traits.is_integer)
        throw usage_error{fmt::format("{}: an identity column is an integer", info.described())};
    if (info.is_primary_key && draft.takes_no_identity)
        takes_no_identity_ = true;
    if (draft.traits.is_integer && !draft.reference && !info.has_server_value())
        integer_columns_.push_back(&info);
    if (info.is_version) {
        if (table_->version_ != nullptr)
            throw usage_error{
                fmt::format("{}: {} is the version already", info.described(), table_->version_->described())};
        table_->version_ = &info;
    }
    if (draft.is_unique)
        uniques_.push_back({{info.member}, {}, draft.nulls_not_distinct, deferral::not_deferrable});
    if (draft.is_indexed && !draft.is_unique) {
        index_draft index;
        index.members.push_back(info.member);
        indexes_.push_back(std::move(index));
    }
    for (const options::check& each : draft.checks)
        checks_.push_back({each.expression, each.name.empty() ? std::string_view{info.name} : each.name});
    if (draft.reference)
        table_->draft_->foreign_keys.push_back(std::move(*draft.reference));
}

relation_draft& table_builder::add_relation(std::string_view member, relation_kind kind, const table_info& (*target)(),
                                            const relation_operations& operations)
{
    relation_draft& draft = table_->draft_->relations.emplace_back();
    draft.member = member;
    draft.kind = kind;
    draft.target = target;
    draft.operations = operations;
    return draft;
}

void table_builder::add_unique(const std::vector<std::string_view>& members, std::string_view name,
                               bool nulls_not_distinct, deferral when)
{
    uniques_.push_back({members, name, nulls_not_distinct, when});
}

void table_builder::add_foreign_key(const std::vector<std::string_view>& members,
                                    std::vector<column_reference> referred, on_delete when_deleted,
                                    on_key_update when_changed, deferral when, std::string_view name)
{
    foreign_key_draft draft;
    draft.referred = std::move(referred);
    draft.when_deleted = when_deleted;
    draft.when_changed = when_changed;
    draft.when = when;
    draft.name = name;
    foreign_keys_.push_back({members, std::move(draft)});
}

void table_builder::add_index(index_draft draft) { indexes_.push_back(std::move(draft)); }

void table_builder::add_check(std::string_view expression, std::string_view name)
{
    checks_.push_back({expression, name});
}

void table_builder::add_exclusion(std::string_view definition, std::string_view name)
{
    exclusions_.push_back({definition, name});
}

void table_builder::set_schema(std::string_view name) { table_->schema_ = name; }
void table_builder::set_comment(std::string_view text) { table_->comment_ = text; }
void table_builder::set_was(std::string_view name) { table_->was_ = name; }

const column_info& table_builder::column_of_member(std::string_view member) const
{
    const column_info* found = table_->find_member(member);
    if (found == nullptr)
        throw usage_error{fmt::format("{}::{} is not mapped to a column", table_->class_name_, member)};
    return *found;
}

/// SQLAlchemy's rule: the only key column, when it is an integer that nobody else gives a value.
void table_builder::choose_identity()
{
    if (takes_no_identity_ || table_->primary_key_.size() != 1)
        return;
    const column_info* key = table_->primary_key_.front();
    if (std::ranges::find(integer_columns_, key) != integer_columns_.end())
        table_->columns_[key->position].generated_id = identity::by_default;
}

void table_builder::name_constraints()
{
    table_info& table = *table_;
    table.primary_key_name_ = primary_key_name(table.name_);
    for (const pending_unique& each : uniques_) {
        unique_info& made = table.uniques_.emplace_back();
        for (const std::string_view member : each.members)
            made.columns.push_back(&column_of_member(member));
        made.name = each.name.empty() ? unique_name(table.name_, names_of(made.columns)) : std::string{each.name};
        made.nulls_not_distinct = each.nulls_not_distinct;
        made.when = each.when;
    }
    for (const index_draft& each : indexes_) {
        index_info& made = table.indexes_.emplace_back();
        std::vector<std::string_view> names;
        for (const std::string_view member : each.members) {
            made.keys.push_back({&column_of_member(member), {}});
            names.push_back(made.keys.back().column->name);
        }
        for (const std::string_view text : each.keys) {
            made.keys.push_back({nullptr, std::string{text}});
            // "lower(email)" is "lower"
            names.push_back(text.substr(0, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_")));
        }
        if (made.keys.empty())
            throw usage_error{fmt::format("{}: an index has no key", table.class_name_)};
        for (const std::string_view member : each.included)
            made.included.push_back(&column_of_member(member));
        made.name = each.name.empty() ? index_name(table.name_, names) : std::string{each.name};
        made.is_unique = each.is_unique;
        made.nulls_not_distinct = each.nulls_not_distinct;
        made.method = each.method;
        made.where = each.where;
        made.comment = each.comment;
    }
    std::size_t number = 0;
    for (const options::check& each : checks_) {
        ++number;
        const std::string what = each.name.empty() ? fmt::format("{}", number) : std::string{each.name};
        table.checks_.push_back({check_name(table.name_, what), std::string{each.expression}});
    }
    number = 0;
    for (const parts::exclude& each : exclusions_) {
        ++number;
        const std::string what = each.name.empty() ? fmt::format("{}", number) : std::string{each.name};
        table.exclusions_.push_back({exclusion_name(table.name_, what), std::string{each.definition}});
    }
}

const table_info* table_builder::finish()
{
    for (const column_info& each : table_->columns_)
        if (each.is_primary_key)
            table_->primary_key_.push_back(&each);
    if (table_->primary_key_.empty())
        throw usage_error{fmt::format("{}: the table \"{}\" has no primary key; mark its columns with "
                                      "orm::primary_key",
                                      table_->class_name_, table_->name_)};
    choose_identity();
    name_constraints();
    for (pending_foreign_key& each : foreign_keys_) {
        for (const std::string_view member : each.members)
            each.draft.columns.push_back(&column_of_member(member));
        table_->draft_->foreign_keys.push_back(std::move(each.draft));
    }
    for (const relation_draft& each : table_->draft_->relations) {
        relation_info& made = table_->relations_.emplace_back();
        made.table = table_.get();
        made.position = table_->relations_.size() - 1;
        made.name = each.member;
        made.kind = each.kind;
        made.cascades = each.cascades;
        made.when_deleted = each.when_deleted;
        made.order_descending = each.order_descending;
        made.is_post_update = each.is_post_update;
        made.is_view_only = each.is_view_only;
        made.operations = each.operations;
    }
    return table_.release(); // kept by the static variable of its class
}

} // namespace tusk::orm::detail
