#pragma once

#include <tusk/orm/build_table.hpp>
#include <tusk/orm/table_info.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace tusk::orm {

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

private:
    std::vector<const table_info*> tables_;
    std::vector<const enum_info*> enums_;
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
