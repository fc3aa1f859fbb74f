#pragma once

#include <tusk/driver/result.hpp>
#include <tusk/orm/metadata.hpp>

#include <asio/awaitable.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Names as they stand in SQL, qualified where the mapping names a schema.
using sql_names = std::set<std::string, std::less<>>;

/// A kind of objects: what the mapping has of it, and the question which of them are there.
struct object_kind {
    std::vector<std::string> names;
    std::string_view question;
};

object_kind schemas_to_find(const metadata& of);
object_kind types_to_find(const metadata& of);
object_kind tables_to_find(const metadata& of);

template <class Verbs>
asio::awaitable<sql_names> find_existing(Verbs& in, object_kind kind)
{
    sql_names found;
    if (kind.names.empty())
        co_return found;
    const result rows = co_await in.query(kind.question, kind.names);
    for (auto [name] : rows.as<std::string>())
        found.insert(std::move(name));
    co_return found;
}

} // namespace tusk::orm::detail
