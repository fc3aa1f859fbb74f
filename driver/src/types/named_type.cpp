#include <tusk/driver/detail/named_type.hpp>

#include "types/type_info.hpp"

#include <utility>

namespace tusk::detail {

namespace {

std::shared_ptr<type_info> type_called(std::string_view name)
{
    auto made = std::make_shared<type_info>();
    made->name = name;
    made->sql_name = name;
    made->has_binary = true;
    return made;
}

template <class Make>
std::shared_ptr<const type_info> array_or_element(std::string_view name, Make make)
{
    if (!name.ends_with("[]"))
        return make(name);
    auto made = type_called(name);
    made->of_info = array_or_element(name.substr(0, name.size() - 2), make);
    made->kind = type_kind::array;
    return made;
}

} // namespace

std::shared_ptr<const type_info> named_type(std::string_view name, type_kind kind)
{
    return array_or_element(name, [&](std::string_view element) {
        auto made = type_called(element);
        made->kind = kind;
        return made;
    });
}

std::shared_ptr<const type_info> named_composite(std::string_view name, const std::vector<named_field>& fields)
{
    return array_or_element(name, [&](std::string_view element) {
        auto made = type_called(element);
        made->kind = type_kind::composite;
        for (const named_field& each : fields)
            made->fields.push_back({each.type, each.info});
        return made;
    });
}

} // namespace tusk::detail
