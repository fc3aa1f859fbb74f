#pragma once

#include <tusk/orm/detail/expression_node.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

class table_reference;

/// Something that stands in a FROM. A column says which one it belongs to by its address; its name is the renderer's.
class source
{
public:
    source(const table_info* table, std::string name) : table_{table}, name_{std::move(name)} {}
    source(const source&) = delete;
    source& operator=(const source&) = delete;
    virtual ~source();

    /// What stands in the FROM. `name` is what the columns of it are written with.
    virtual void render(renderer& to, std::string_view name) const = 0;
    /// Where it has no name of its own: what one is made from.
    [[nodiscard]] virtual std::string base_name() const = 0;

    /// It is a table as itself; else null.
    [[nodiscard]] virtual const table_reference* as_table() const noexcept;
    /// The table that it is; null for a subquery.
    [[nodiscard]] const table_info* table() const noexcept { return table_; }
    /// As it is written; empty: the renderer finds one.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    const table_info* table_;
    std::string name_;
};

/// A table as itself. What is written for all its columns is made once.
class table_reference final : public source
{
public:
    explicit table_reference(const table_info& table);

    void render(renderer& to, std::string_view name) const override;
    [[nodiscard]] std::string base_name() const override;
    [[nodiscard]] const table_reference* as_table() const noexcept override;

    /// `users.id, users.email`
    [[nodiscard]] const std::string& all_columns() const noexcept { return all_columns_; }
    [[nodiscard]] const std::vector<const column_info*>& columns() const noexcept { return columns_; }

private:
    std::string all_columns_;
    std::vector<const column_info*> columns_;
};

/// The one source of a table as itself.
const table_reference& reference_to(const table_info& table);

class alias_reference final : public source
{
public:
    alias_reference(const table_info& table, std::string_view name);

    void render(renderer& to, std::string_view name) const override;
    [[nodiscard]] std::string base_name() const override;
};

} // namespace tusk::orm::detail
