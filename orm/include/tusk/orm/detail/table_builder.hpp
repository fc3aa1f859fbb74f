#pragma once

#include <tusk/orm/sql_constant.hpp>
#include <tusk/orm/table.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// A column of a class that may not be complete yet.
struct column_reference {
    const table_info& (*table)() = nullptr;
    std::string_view member; ///< Empty: the primary key.

    explicit operator bool() const noexcept { return table != nullptr; }
};

struct column_traits {
    bool is_optional = false;
    bool is_integer = false;
    bool is_deferred = false;
    const enum_info* enumeration = nullptr;
};

struct foreign_key_draft {
    std::vector<const column_info*> columns;
    std::vector<column_reference> referred;
    on_delete when_deleted{};
    on_key_update when_changed{};
    deferral when{};
    std::string name;
};

struct relation_draft {
    std::string_view member;
    relation_kind kind{};
    const table_info& (*target)() = nullptr;
    relation_operations operations;
    std::string_view reverse;
    options::secondary secondary{};
    std::vector<column_reference> via;
    column_reference order_by;
    bool order_descending = false;
    cascade cascades = cascade::standard;
    passive_deletes when_deleted = passive_deletes::no;
    bool is_post_update = false;
    bool is_view_only = false;
};

struct index_draft {
    std::vector<std::string_view> members;
    std::vector<std::string_view> keys;
    std::vector<std::string_view> included;
    bool is_unique = false;
    bool nulls_not_distinct = false;
    std::string_view name;
    std::string_view where;
    std::string_view method;
    std::string_view comment;
};

/// What foreign keys and relations are worked out from, once all classes are complete.
struct table_draft {
    std::deque<foreign_key_draft> foreign_keys;
    std::deque<relation_draft> relations;
};

/// A column while its options are told to it.
class column_draft
{
public:
    column_draft(column_info& of, column_traits known) noexcept : info{of}, traits{known} {}

    void set_server_default(std::string sql);
    void set_on_update(std::string sql);
    void set_reference(column_reference to, on_delete when_deleted, on_key_update when_changed, deferral when,
                       std::string_view name);

    column_info& info;
    column_traits traits;
    bool is_unique = false;
    bool is_indexed = false;
    bool nulls_not_distinct = false;
    bool must_not_be_null = false;
    bool takes_no_identity = false;
    std::optional<foreign_key_draft> reference;
    std::vector<options::check> checks;
};

void apply(column_draft& to, options::primary_key option);
void apply(column_draft& to, options::unique option);
void apply(column_draft& to, options::indexed option);
void apply(column_draft& to, options::version option);
void apply(column_draft& to, options::identity_always option);
void apply(column_draft& to, options::no_identity option);
void apply(column_draft& to, options::nulls_not_distinct option);
void apply(column_draft& to, options::not_null option);
void apply(column_draft& to, const options::name& option);
void apply(column_draft& to, const options::type& option);
void apply(column_draft& to, const options::varchar& option);
void apply(column_draft& to, const options::character& option);
void apply(column_draft& to, const options::decimal& option);
void apply(column_draft& to, const options::collate& option);
void apply(column_draft& to, const options::comment& option);
void apply(column_draft& to, const options::check& option);
void apply(column_draft& to, const options::generated& option);
void apply(column_draft& to, const options::was& option);

void apply(relation_draft& to, const options::back_populates& option);
void apply(relation_draft& to, const options::secondary& option);
void apply(relation_draft& to, cascade option);
void apply(relation_draft& to, passive_deletes option);
void apply(relation_draft& to, options::post_update option);
void apply(relation_draft& to, options::view_only option);

void apply(index_draft& to, options::unique option);
void apply(index_draft& to, options::nulls_not_distinct option);
void apply(index_draft& to, const options::name& option);
void apply(index_draft& to, const options::where& option);
void apply(index_draft& to, const options::using_method& option);
void apply(index_draft& to, const options::key& option);
void apply(index_draft& to, const options::comment& option);

/// A constant as it stands in SQL.
std::string sql_of_constant(bool value);
std::string sql_of_constant(long long value);
std::string sql_of_constant(double value);
std::string sql_of_constant(std::string_view value);
inline std::string sql_of_constant(int value) { return sql_of_constant(static_cast<long long>(value)); }
inline std::string sql_of_constant(long value) { return sql_of_constant(static_cast<long long>(value)); }
template <class T>
std::string sql_of_constant(const sql_constant<T>& value)
{
    return std::string{value.text()};
}

const enum_info* make_enum_info(std::string name, const std::vector<std::string_view>& labels);

/// Makes a `table_info` of what a mapping says.
class table_builder
{
public:
    table_builder(std::string_view table, std::string_view class_name, const entity_operations& operations);
    ~table_builder();
    table_builder(const table_builder&) = delete;
    table_builder& operator=(const table_builder&) = delete;

    /// The draft lives until `finish_column`.
    column_draft& add_column(std::string_view member, std::string type, const column_operations& operations,
                             const column_traits& traits);
    void finish_column(column_draft& draft);
    relation_draft& add_relation(std::string_view member, relation_kind kind, const table_info& (*target)(),
                                 const relation_operations& operations);
    void add_unique(const std::vector<std::string_view>& members, std::string_view name, bool nulls_not_distinct,
                    deferral when);
    void add_foreign_key(const std::vector<std::string_view>& members, std::vector<column_reference> referred,
                         on_delete when_deleted, on_key_update when_changed, deferral when, std::string_view name);
    void add_index(index_draft draft);
    void add_check(std::string_view expression, std::string_view name);
    void add_exclusion(std::string_view definition, std::string_view name);
    void set_schema(std::string_view name);
    void set_comment(std::string_view text);
    void set_was(std::string_view name);

    /// @throws usage_error  The mapping contradicts itself.
    const table_info* finish();

private:
    struct pending_unique {
        std::vector<std::string_view> members;
        std::string_view name;
        bool nulls_not_distinct = false;
        deferral when{};
    };
    struct pending_foreign_key {
        std::vector<std::string_view> members;
        foreign_key_draft draft;
    };

    [[nodiscard]] const column_info& column_of_member(std::string_view member) const;
    void choose_identity();
    void name_constraints();

    std::unique_ptr<table_info> table_;
    std::optional<column_draft> draft_;
    std::vector<pending_unique> uniques_;
    std::vector<pending_foreign_key> foreign_keys_;
    std::vector<index_draft> indexes_;
    std::vector<options::check> checks_;
    std::vector<parts::exclude> exclusions_;
    bool takes_no_identity_ = false;
    std::vector<const column_info*> integer_columns_;
};

} // namespace tusk::orm::detail
