#include <tusk/driver/detail/named_type.hpp>

#include "types/type_info.hpp"

namespace tusk::detail {

std::shared_ptr<const type_info> named_type(std::string_view name, type_kind kind)
{
    auto made = std::make_shared<type_info>();
    made->name = name;
    made->sql_name = name;
    made->kind = kind;
    made->has_binary = true;
    if (name.ends_with("[]")) {
        made->of_info = named_type(name.substr(0, name.size() - 2), kind);
        made->kind = type_kind::array;
    }
    return made;
}

} // namespace tusk::detail
