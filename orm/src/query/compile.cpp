#include "query/compilation.hpp"
#include "query/compiled.hpp"
#include "query/select_text.hpp"

#include <tusk/orm/detail/statement_base.hpp>
#include <tusk/orm/to_sql.hpp>

#include <utility>

namespace tusk::orm {

namespace detail {

statement_data::~statement_data() = default;

compiled_statement compile(const statement_base& of)
{
    compilation made{of.shared_data()};
    of.shared_data()->compile(made);
    return made.finish();
}

compiled_statement compile_count(const statement_base& of)
{
    const auto& select = dynamic_cast<const select_data&>(*of.shared_data());
    auto counted = std::make_shared<select_data>(select);
    counted->options.clear();
    counted->order_by.clear();
    counted->lock = {};
    counted->limit = nullptr;
    counted->offset = nullptr;
    auto count = std::make_shared<select_data>();
    const output_item rows{make_text("count(*)", bigint_type), nullptr};
    const bool counts_as_it_is = select.combined == set_operator::none && !select.distinct &&
                                 select.distinct_on.empty() && select.group_by.empty() && !select.having;
    if (counts_as_it_is) {
        counted->from = from_of(select, renderer{});
        counted->outputs = {rows};
        count = std::move(counted);
    } else {
        if (!select.distinct_on.empty())
            counted->order_by = select.order_by; // which rows are left depends on it
        count->outputs = {rows};
        count->from.push_back(make_subquery(std::move(counted), {}));
    }
    compilation made{count};
    count->compile(made);
    return made.finish();
}

} // namespace detail

std::string to_sql(const detail::statement_base& of) { return detail::compile(of).sql; }

} // namespace tusk::orm
