#pragma once

#include <tusk/orm/detail/expression_node.hpp>

namespace tusk::orm::detail {

/// An expression in ORDER BY, with its direction.
class order_node final : public node
{
public:
    order_node(node_ptr of, bool descending, null_order nulls);

    void render(renderer& to) const override;
    void add_sources(std::vector<source_ptr>& to) const override;

    [[nodiscard]] const node_ptr& of() const noexcept { return of_; }
    /// " DESC NULLS LAST"
    void render_direction(renderer& to) const;

private:
    node_ptr of_;
    bool descending_;
    null_order nulls_;
};

/// What is ordered by; plain expressions stand for themselves.
const node_ptr& ordered_expression(const node_ptr& term) noexcept;
void render_direction(const node_ptr& term, renderer& to);

} // namespace tusk::orm::detail
