#pragma once

#include <tusk/orm/build_table.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm {

/// What a database must have that migrations do not make: it is looked for, and no more.
struct required_object {
    enum class kind : std::uint8_t { extension, function, role };
    kind what{};
    std::string name;
};

/// The tables of a program: what `create_all`, the queries of migrations and their diff look at.
/// @par Thread safety  It does not change: any thread.
class metadata
{
public:
    /// @param tables  The tables of the classes, in the order in which they were named.
    /// @throws usage_error  A mapping contradicts itself or another one; the message names class and member.
    explicit metadata(std::vector<const table_info*> tables);

    /// The classes' tables in the order in which they were named, then the secondary tables.
    [[nodiscard]] std::span<const table_info* const> tables() const noexcept { return tables_; }

    /// @returns  Null where there is no such table.
    [[nodiscard]] const table_info* find(std::string_view schema, std::string_view name) const noexcept;

    /// The enum types that columns have, each once.
    [[nodiscard]] std::span<const enum_info* const> enums() const noexcept { return enums_; }

    /// Says what the tables need beside themselves: `orm::describe<user>().requires_extension("citext")`. Migrations'
    /// `check` fails where it is missing and says what to do; nothing is created or dropped.
    /// @param name  As the catalog has it. Of a function, with its arguments where there are several of that name:
    ///              `"touch"`, `"app.normalised(text)"`.
    [[nodiscard]] metadata requires_extension(std::string name) &&;
    [[nodiscard]] metadata requires_function(std::string name) &&;
    [[nodiscard]] metadata requires_role(std::string name) &&;
    [[nodiscard]] std::span<const required_object> required() const noexcept { return required_; }

private:
    std::vector<const table_info*> tables_;
    std::vector<const enum_info*> enums_;
    std::vector<required_object> required_;
};

/// Describes mapped classes: `inline const orm::metadata metadata = orm::describe<user, post, tag>();`
///
/// Classes that relations and foreign keys lead to must be among them.
/// @throws usage_error  As the constructor of `metadata`.
template <entity... T>
[[nodiscard]] metadata describe()
{
    return metadata{std::vector<const table_info*>{&table_of<T>()...}};
}

} // namespace tusk::orm
