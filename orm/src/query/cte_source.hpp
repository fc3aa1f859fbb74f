#pragma once

#include "query/source.hpp"

#include <tusk/orm/detail/select_data.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace tusk::orm::detail {

/// A query in WITH, or in a FROM, has columns of its own; they are written with a name each.
class subquery_source : public source
{
public:
    subquery_source(std::shared_ptr<const select_data> query, std::string_view name);

    void render(renderer& to, std::string_view name) const override;
    [[nodiscard]] std::string base_name() const override;

    [[nodiscard]] const select_data& query() const noexcept { return *query_; }

private:
    std::shared_ptr<const select_data> query_;
};

/// A query in WITH, written there once however often it stands in a FROM.
class cte_source : public source
{
public:
    cte_source(std::shared_ptr<const select_data> query, std::string_view name, materialization materialized);

    /// `name AS (SELECT ...)`
    virtual void render_query(renderer& to) const;
    [[nodiscard]] virtual bool is_recursive() const noexcept;

    void render(renderer& to, std::string_view name) const override;
    [[nodiscard]] std::string base_name() const override;

protected:
    void render_head(renderer& to) const;
    [[nodiscard]] const select_data& query() const noexcept { return *query_; }

private:
    std::shared_ptr<const select_data> query_;
    materialization materialized_;
};

/// What a recursive query knows itself by. It does not own the query, which owns it.
class cte_self final : public source
{
public:
    explicit cte_self(std::string_view name);

    void render(renderer& to, std::string_view name) const override;
    [[nodiscard]] std::string base_name() const override;
};

class recursive_cte_source final : public cte_source
{
public:
    recursive_cte_source(std::shared_ptr<const select_data> start, std::shared_ptr<const select_data> step,
                         source_ptr self, bool all, std::string_view name);

    void render_query(renderer& to) const override;
    [[nodiscard]] bool is_recursive() const noexcept override;

private:
    std::shared_ptr<const select_data> step_;
    source_ptr self_;
    bool all_;
};

} // namespace tusk::orm::detail
