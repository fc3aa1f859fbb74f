#include "query/order.hpp"

#include "query/renderer.hpp"

namespace tusk::orm::detail {

order_node::order_node(node_ptr of, bool descending, null_order nulls)
    : node{0, precedence::none}, of_{std::move(of)}, descending_{descending}, nulls_{nulls}
{
}

void order_node::render(renderer& to) const
{
    to.write(*of_);
    render_direction(to);
}

void order_node::add_sources(std::vector<source_ptr>& to) const { of_->add_sources(to); }

void order_node::render_direction(renderer& to) const
{
    if (descending_)
        to.write(" DESC");
    if (nulls_ != null_order::unsaid)
        to.write(nulls_ == null_order::first ? " NULLS FIRST" : " NULLS LAST");
}

node_ptr make_order(node_ptr of, bool descending, null_order nulls)
{
    return std::make_shared<const order_node>(std::move(of), descending, nulls);
}

const node_ptr& ordered_expression(const node_ptr& term) noexcept
{
    const auto* order = dynamic_cast<const order_node*>(term.get());
    return order != nullptr ? order->of() : term;
}

void render_direction(const node_ptr& term, renderer& to)
{
    if (const auto* order = dynamic_cast<const order_node*>(term.get()))
        order->render_direction(to);
}

} // namespace tusk::orm::detail
