#include "loading/by_key.hpp"
#include "loading/key_array.hpp"
#include "loading/prepared_statement.hpp"
#include "query/compilation.hpp"
#include "unit_of_work/key.hpp"

#include <tusk/driver/error.hpp>
#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/detail/select_data.hpp>
#include <tusk/orm/detail/statement_run.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

namespace tusk::orm::detail {

namespace {

/// A part of a key, encoded as the identity map has it.
class key_node final : public parameter_node
{
public:
    key_node(const column_info& of, std::string encoded)
        : parameter_node{of.type_oid}, value_{of.type_oid, std::move(encoded), travels_as_text(of)}
    {
        parameter_ = value_.as_parameter();
    }

private:
    key_value value_;
};

} // namespace

statement_ptr prepare_get(const table_info& table, std::string_view key, std::vector<load_option> options)
{
    for (const load_option& each : options)
        if (each.strategy == load_strategy::contains)
            throw usage_error{fmt::format("get joins nothing that contains_eager<&{0}>() could read: use "
                                          "joinedload<&{0}>()",
                                          each.relation->described())};
    const auto select = std::make_shared<select_data>();
    const source_ptr from = table_source(table);
    select->outputs.push_back({nullptr, from});
    select->options = std::move(options);
    const auto& columns = table.primary_key();
    const std::vector<std::string_view> parts = parts_of(key, columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i)
        select->where =
            both(std::move(select->where),
                 make_binary(binary_operator::equal, make_column(from, *columns[i]),
                             std::make_shared<const key_node>(*columns[i], std::string{parts[i]}), bool_type));
    compilation made{select};
    select->compile(made);
    auto prepared = std::make_shared<prepared_statement>();
    prepared->made = made.finish();
    return prepared;
}

} // namespace tusk::orm::detail
