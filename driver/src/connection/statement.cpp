#include "connection/statement.hpp"

#include "types/builtin_types.hpp"

#include <algorithm>
#include <utility>

namespace tusk::detail {

namespace {

/// OIDs below are the same in every database, and the table of built-in types has them.
constexpr oid first_unlisted_oid = 10000;

} // namespace

void statement::describe(std::shared_ptr<const column_list> described)
{
    const auto needs_text = [this](const column& each) {
        return each.type < first_unlisted_oid ? !has_binary_output(each.type) : distrusts_unlisted_types;
    };
    result_formats.clear();
    if (described && std::any_of(described->begin(), described->end(), needs_text)) {
        auto adjusted = std::make_shared<column_list>(*described);
        for (column& each : *adjusted) {
            each.format = needs_text(each) ? format::text : format::binary;
            result_formats.push_back(each.format);
        }
        described = std::move(adjusted);
    }
    columns = std::move(described);
    now = state::ready;
}

} // namespace tusk::detail
