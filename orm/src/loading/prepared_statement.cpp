#include "loading/prepared_statement.hpp"

#include <tusk/orm/detail/statement_base.hpp>
#include <tusk/orm/detail/statement_run.hpp>
#include <tusk/orm/detail/write_data.hpp>

namespace tusk::orm::detail {

statement_ptr prepare(const statement_base& of)
{
    auto made = std::make_shared<prepared_statement>();
    made->made = compile(of);
    const statement_data* const data = of.shared_data().get();
    if (const auto* update = dynamic_cast<const update_data*>(data)) {
        made->does = prepared_statement::effect::updates;
        made->table = update->table;
    } else if (const auto* insert = dynamic_cast<const insert_data*>(data);
               insert != nullptr && insert->conflict.action == conflict_action::do_update) {
        made->does = prepared_statement::effect::updates;
        made->table = insert->table;
    } else if (const auto* deletes = dynamic_cast<const delete_data*>(data)) {
        made->does = prepared_statement::effect::deletes;
        made->table = deletes->table;
    }
    return made;
}

statement_ptr prepare_count(const statement_base& of)
{
    auto made = std::make_shared<prepared_statement>();
    made->made = compile_count(of);
    return made;
}

} // namespace tusk::orm::detail
