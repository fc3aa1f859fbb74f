#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/enum_names.hpp>
#include <tusk/orm/column_type.hpp>
#include <tusk/orm/detail/table_builder.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tusk::orm::detail {

/// The enum that a column type holds, through optionals, deferred members and arrays.
template <class T>
struct enum_within {
    static const enum_info* get() { return nullptr; }
};
template <tusk::detail::named_enum Enum>
struct enum_within<Enum> {
    static const enum_info* get()
    {
        static const enum_info* const made = make_enum_info(column_type<Enum>::name(), [] {
            std::vector<std::string_view> labels;
            for (const auto& each : enum_names<Enum>)
                labels.push_back(each.label);
            return labels;
        }());
        return made;
    }
};
template <class T>
struct enum_within<std::optional<T>> : enum_within<T> {
};
template <class T>
struct enum_within<std::vector<T>> : enum_within<T> {
};
template <class T, std::size_t N>
struct enum_within<std::array<T, N>> : enum_within<T> {
};
template <class T>
struct enum_within<array<T>> : enum_within<T> {
};

} // namespace tusk::orm::detail
