#pragma once

#include <tusk/driver/oid.hpp>
#include <tusk/orm/column_options.hpp>
#include <tusk/orm/detail/operations.hpp>
#include <tusk/orm/relation_options.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What a mapping says, as plain data: the one description that queries, unit of work, loading, schema and migrations
/// read. Everything in it is made once and never changes afterwards, so any thread may read it.
namespace tusk::orm {

class table_info;
struct column_info;
struct relation_info;

/// An enum type of the database.
struct enum_info {
    std::string schema; ///< Empty: where the search path leads.
    std::string name;
    std::vector<std::string> labels;
};

enum class identity : std::uint8_t { none, by_default, always };

struct column_info {
    const table_info* table = nullptr;
    std::size_t position = 0;               ///< In `table->columns()`.
    std::string name;                       ///< In the database.
    std::string member;                     ///< In the class; empty in a secondary table.
    std::string type;                       ///< As it stands in CREATE TABLE.
    oid type_oid = 0;                       ///< What parameters are declared as; 0 for a type of the database's own.
    const enum_info* enumeration = nullptr; ///< Of an enum column, and of an array of enums.
    bool is_nullable = false;
    bool is_primary_key = false;
    bool is_version = false;
    bool is_deferred = false; ///< The member is an `orm::deferred<T>`: it may be left out of a load.
    identity generated_id = identity::none;
    std::string server_default; ///< SQL; empty: none.
    std::string on_update;      ///< SQL; empty: none.
    std::string generated;      ///< SQL of a stored generated column; empty: none.
    std::string collation;
    std::string comment;
    std::string was; ///< The name that it had before.
    detail::column_operations operations;

    /// "user::email", for messages.
    [[nodiscard]] std::string described() const;
    /// The server gives the value where an INSERT leaves the column out.
    [[nodiscard]] bool has_server_value() const noexcept
    {
        return generated_id != identity::none || !server_default.empty() || !generated.empty();
    }
};

struct unique_info {
    std::string name;
    std::vector<const column_info*> columns;
    bool nulls_not_distinct = false;
    deferral when = deferral::not_deferrable;
};

struct check_info {
    std::string name;
    std::string expression;
};

struct exclusion_info {
    std::string name;
    std::string definition; ///< What stands behind EXCLUDE.
};

struct foreign_key_info {
    std::string name;
    std::vector<const column_info*> columns;
    const table_info* referred_table = nullptr;
    std::vector<const column_info*> referred_columns;
    on_delete when_deleted = on_delete::no_action;
    on_key_update when_changed = on_key_update::no_action;
    deferral when = deferral::not_deferrable;
};

/// A key of an index: a column, or text as it stands in CREATE INDEX.
struct index_key {
    const column_info* column = nullptr;
    std::string text;
};

struct index_info {
    std::string name;
    std::vector<index_key> keys;
    std::vector<const column_info*> included;
    bool is_unique = false;
    bool nulls_not_distinct = false;
    std::string method; ///< Empty: btree.
    std::string where;
    std::string comment;
};

enum class relation_kind : std::uint8_t {
    one_to_many,  ///< has_many
    one_to_one,   ///< has_one
    many_to_one,  ///< belongs_to
    many_to_many, ///< many_to_many
};

/// Columns that are equal in two rows which belong together.
struct column_pair {
    const column_info* near = nullptr;
    const column_info* far = nullptr;
};

struct relation_info {
    const table_info* table = nullptr; ///< The near side.
    std::size_t position = 0;          ///< In `table->relations()`.
    std::string name;                  ///< The member.
    relation_kind kind{};
    const table_info* target = nullptr; ///< The far side.
    /// Near and far columns; of a many-to-many relation, near columns and those of the secondary table.
    std::vector<column_pair> pairs;
    const table_info* secondary = nullptr;
    /// Of a many-to-many relation: columns of the secondary table (near) and of the far side (far).
    std::vector<column_pair> secondary_pairs;
    const relation_info* reverse = nullptr; ///< The other side, where `back_populates` names one.
    cascade cascades = cascade::standard;
    passive_deletes when_deleted = passive_deletes::no;
    const column_info* order_by = nullptr;
    bool order_descending = false;
    bool is_post_update = false;
    bool is_view_only = false;
    detail::relation_operations operations;

    [[nodiscard]] bool is_collection() const noexcept
    {
        return kind == relation_kind::one_to_many || kind == relation_kind::many_to_many;
    }
    /// "user::posts", for messages.
    [[nodiscard]] std::string described() const;
};

namespace detail {
class table_builder;
class table_resolver;
struct table_draft;
} // namespace detail

/// One table and, unless it is a secondary one, the class that is mapped to it.
///
/// Foreign keys and relations lead to other tables, so they are worked out when somebody first asks for them: by then
/// all classes are complete.
class table_info
{
public:
    table_info();
    ~table_info();
    table_info(const table_info&) = delete;
    table_info& operator=(const table_info&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Empty: where the search path leads.
    [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
    /// The class without its namespaces, "user"; empty for a secondary table.
    [[nodiscard]] const std::string& class_name() const noexcept { return class_name_; }
    [[nodiscard]] const std::string& comment() const noexcept { return comment_; }
    /// The name that it had before.
    [[nodiscard]] const std::string& was() const noexcept { return was_; }

    [[nodiscard]] const std::deque<column_info>& columns() const noexcept { return columns_; }
    /// By its name in the database; null where there is none.
    [[nodiscard]] const column_info* find_column(std::string_view name) const noexcept;
    /// By its member; null where there is none.
    [[nodiscard]] const column_info* find_member(std::string_view member) const noexcept;

    [[nodiscard]] const std::vector<const column_info*>& primary_key() const noexcept { return primary_key_; }
    [[nodiscard]] const std::string& primary_key_name() const noexcept { return primary_key_name_; }
    /// Null where rows have no version.
    [[nodiscard]] const column_info* version() const noexcept { return version_; }

    [[nodiscard]] const std::vector<unique_info>& uniques() const noexcept { return uniques_; }
    [[nodiscard]] const std::vector<check_info>& checks() const noexcept { return checks_; }
    [[nodiscard]] const std::vector<exclusion_info>& exclusions() const noexcept { return exclusions_; }
    [[nodiscard]] const std::vector<index_info>& indexes() const noexcept { return indexes_; }

    /// @throws usage_error  The mapping contradicts itself or another one; the message names class and member.
    [[nodiscard]] const std::vector<foreign_key_info>& foreign_keys() const;
    /// @throws usage_error  As `foreign_keys`.
    [[nodiscard]] const std::deque<relation_info>& relations() const;
    /// Null where there is none.
    [[nodiscard]] const relation_info* find_relation(std::string_view member) const;

    /// What is done with objects of the class; empty for a secondary table.
    [[nodiscard]] const detail::entity_operations& operations() const noexcept { return operations_; }

private:
    friend class detail::table_builder;
    friend class detail::table_resolver;

    std::string name_;
    std::string schema_;
    std::string class_name_;
    std::string comment_;
    std::string was_;
    std::deque<column_info> columns_;
    std::vector<const column_info*> primary_key_;
    std::string primary_key_name_;
    const column_info* version_ = nullptr;
    std::vector<unique_info> uniques_;
    std::vector<check_info> checks_;
    std::vector<exclusion_info> exclusions_;
    std::vector<index_info> indexes_;
    detail::entity_operations operations_;

    std::unique_ptr<detail::table_draft> draft_; ///< What foreign keys and relations are worked out from.
    std::vector<foreign_key_info> foreign_keys_;
    std::deque<relation_info> relations_;
    std::atomic<bool> is_resolved_ = false;
};

} // namespace tusk::orm
