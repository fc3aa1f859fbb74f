#pragma once

#include "migrate/model.hpp"
#include "migrate/operation.hpp"
#include "migrate/ownership.hpp"
#include "schema/ddl.hpp"
#include "schema/table_order.hpp"

#include <tusk/orm/metadata.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tusk::migrate::detail {

/// What is compared with a model.
struct live_database {
    snapshot has;
    owned_objects owned;
    std::set<std::string> missing_schemas; ///< Of those that the model names.
    std::string default_schema;            ///< Where the search path leads.
};

/// Works out what leads from a database to a model.
class differ
{
public:
    /// @param online  Changes of tables that are there keep nobody out for long.
    differ(const orm::metadata& model, const built_model& built, live_database there, bool online);

    /// In the order in which they are to be done.
    [[nodiscard]] std::vector<operation> compare();

private:
    /// A constraint of the model as it is written there.
    struct wanted_constraint {
        std::string name;
        char kind = '\0';
        std::string text;
    };

    operation& add(phase when, std::string summary);

    void rename_objects();
    [[nodiscard]] snapshot_table* find_former(const orm::table_info& table);
    void move_table(snapshot_table& live, const std::string& to_schema);
    void take_along(const snapshot_table& live, const std::string& schema, const std::string& name);
    void rename_table(snapshot_table& live, const orm::table_info& to);
    void rename_column(snapshot_table& live, const std::string& from, const orm::column_info& to);

    void compare_enums();
    void rename_label(const snapshot_enum& type, const std::string& from, const std::string& to);
    void extend_enum(const orm::enum_info& to, const snapshot_enum& live);
    void replace_enum(const orm::enum_info& to, const snapshot_enum& live);
    struct statements {
        std::vector<std::string> drop;
        std::vector<std::string> create;
    };
    struct expressions {
        statements all;
        statements others; ///< Those of them that are not the model's.
    };
    expressions take_expressions_of(const snapshot_enum& type);

    void create_table(const orm::detail::ordered_table& table);
    void drop_table(const snapshot_table& live);
    void compare_table(const orm::table_info& table, const snapshot_table& live);

    void compare_columns(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live);
    void add_column(const orm::column_info& column);
    void drop_column(const snapshot_table& live, const snapshot_column& column);
    void replace_generated(const orm::column_info& column, const snapshot_table& live, const snapshot_column& now);
    void compare_column(const orm::column_info& column, const snapshot_table& built, const snapshot_table& live);
    void change_type(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now);
    void change_default(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now);
    void change_identity(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now);
    void change_nullability(const orm::column_info& column, const snapshot_column& wanted, const snapshot_column& now);

    void compare_constraints(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live,
                             bool foreign_keys);
    [[nodiscard]] std::vector<wanted_constraint> constraints_of(const orm::table_info& table, bool foreign_keys) const;
    void drop_constraint(const snapshot_table& live, const snapshot_constraint& what);
    void add_constraint(const orm::table_info& table, const wanted_constraint& what);
    [[nodiscard]] bool must_be_made_again(const snapshot_table& live, const snapshot_constraint& what) const;

    void compare_indexes(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live);
    void compare_comments(const orm::table_info& table, const snapshot_table& built, const snapshot_table& live);

    [[nodiscard]] bool is_unknown(const orm::table_info& table, std::string_view kind, std::string_view name) const;

    const orm::metadata& model_;
    const built_model& built_;
    snapshot live_;
    owned_objects owned_;
    std::set<std::string> missing_schemas_;
    std::string default_schema_;
    bool online_;
    orm::detail::ddl_writer ddl_;
    std::vector<operation> operations_;
    std::set<std::string> made_again_;   ///< `part_key` of columns that are dropped and added.
    std::set<std::string> dropped_keys_; ///< Tables and columns whose key goes: foreign keys on it go with it.
};

/// "users(a, b)"
std::string key_of(std::string_view schema, std::string_view table, std::vector<std::string> columns);

} // namespace tusk::migrate::detail
