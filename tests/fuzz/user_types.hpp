#pragma once

#include "types/type_info.hpp"

#include <tusk/driver/oid.hpp>
#include <tusk/driver/server_type.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Types of a database as the catalog would tell of them, for tests without a server.
namespace tusk::test {

using type_ptr = std::shared_ptr<const type_info>;

inline std::shared_ptr<type_info> make_type(oid number, type_kind kind, std::string name)
{
    auto made = std::make_shared<type_info>();
    made->number = number;
    made->kind = kind;
    made->schema = "public";
    made->name = name;
    made->sql_name = std::move(name);
    made->has_binary = true;
    made->outdated = std::make_shared<std::atomic<bool>>(false);
    return made;
}

inline type_ptr make_part_of(oid number, type_kind kind, std::string name, oid of, type_ptr of_info = nullptr)
{
    auto made = make_type(number, kind, std::move(name));
    made->of = of;
    made->of_info = std::move(of_info);
    return made;
}

inline type_ptr make_composite(oid number, std::string name, std::vector<type_info::field> fields)
{
    auto made = make_type(number, type_kind::composite, std::move(name));
    made->fields = std::move(fields);
    return made;
}

inline server_type as_server_type(const type_ptr& type) { return {type->number, type.get()}; }

} // namespace tusk::test
