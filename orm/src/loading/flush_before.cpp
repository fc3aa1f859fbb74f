#include "loading/flush_before.hpp"

#include <vector>

namespace tusk::orm::detail {

bool must_flush_before(session_state& state, const prepared_statement& statement)
{
    if (!statement.by_name)
        return state.must_flush(statement.made.tables);
    std::vector<const table_info*> all;
    for (const entity_store::table_entities* each : state.store().tables())
        all.push_back(each->table);
    return state.must_flush(all);
}

} // namespace tusk::orm::detail
