#include "query/renderer.hpp"

#include <utility>

namespace tusk::orm::detail {

namespace {

class call_node final : public node
{
public:
    call_node(std::string_view name, node_list arguments, oid type, call_options options)
        : node{type, precedence::primary}, name_{name}, arguments_{std::move(arguments)}, options_{std::move(options)}
    {
    }

    void render(renderer& to) const override
    {
        to.write(name_);
        to.write(options_.distinct ? "(DISTINCT " : "(");
        to.write_list(arguments_);
        if (!options_.order_by.empty()) {
            to.write(" ORDER BY ");
            to.write_list(options_.order_by);
        }
        to.write(')');
        if (!options_.within_group.empty()) {
            to.write(" WITHIN GROUP (ORDER BY ");
            to.write_list(options_.within_group);
            to.write(')');
        }
        if (options_.filter) {
            to.write(" FILTER (WHERE ");
            to.write(*options_.filter);
            to.write(')');
        }
        if (options_.is_windowed)
            render_window(to);
    }

    void add_sources(std::vector<source_ptr>& to) const override
    {
        for (const node_list* list :
             {&arguments_, &options_.order_by, &options_.within_group, &options_.partition_by, &options_.window_order})
            for (const auto& each : *list)
                each->add_sources(to);
        if (options_.filter)
            options_.filter->add_sources(to);
    }

    [[nodiscard]] std::string_view name() const noexcept override
    {
        const auto dot = name_.rfind('.');
        return dot == std::string::npos ? std::string_view{name_} : std::string_view{name_}.substr(dot + 1);
    }

private:
    void render_window(renderer& to) const
    {
        to.write(" OVER (");
        std::string_view between;
        if (!options_.partition_by.empty()) {
            to.write("PARTITION BY ");
            to.write_list(options_.partition_by);
            between = " ";
        }
        if (!options_.window_order.empty()) {
            to.write(between);
            to.write("ORDER BY ");
            to.write_list(options_.window_order);
            between = " ";
        }
        if (!options_.frame.empty()) {
            to.write(between);
            to.write(options_.frame);
        }
        to.write(')');
    }

    std::string name_;
    node_list arguments_;
    call_options options_;
};

} // namespace

node_ptr make_call(std::string_view name, node_list arguments, oid type)
{
    return make_call(name, std::move(arguments), type, {});
}

node_ptr make_call(std::string_view name, node_list arguments, oid type, call_options options)
{
    return std::make_shared<const call_node>(name, std::move(arguments), type, std::move(options));
}

} // namespace tusk::orm::detail
