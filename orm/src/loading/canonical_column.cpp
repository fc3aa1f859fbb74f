#include "loading/canonical_column.hpp"

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/parameter.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace tusk::orm::detail {

namespace {

constexpr oid text = 25;
constexpr std::array texts{text, oid{1042}, oid{1043}, oid{19}}; // text, char(n), varchar, name

/// A C++ type whose values we encode exactly as the server does.
struct canonical_type {
    const tusk::detail::parameter_operations* member;
    const tusk::detail::parameter_operations* optional_member;
    oid type;
};

template <class T>
constexpr canonical_type canonical(oid type)
{
    return {&tusk::detail::operations_of<T>, &tusk::detail::operations_of<std::optional<T>>, type};
}

constexpr std::array canonical_types{
    canonical<std::int16_t>(21),  canonical<std::int32_t>(23),  canonical<std::int64_t>(20),
    canonical<long long>(20),     canonical<std::string>(text), canonical<uuid>(2950),
    canonical<date>(1082),        canonical<time_of_day>(1083), canonical<timestamp>(1114),
    canonical<timestamptz>(1184),
};

oid plain(oid type) { return std::ranges::find(texts, type) == texts.end() ? type : text; }

} // namespace

bool is_canonical(const column_info& column, oid type) noexcept
{
    const oid expected = plain(type);
    if (plain(column.type_oid) != expected)
        return false;
    const auto* const member = column.operations.parameter;
    return std::ranges::any_of(canonical_types, [&](const canonical_type& each) {
        return each.type == expected && (each.member == member || each.optional_member == member);
    });
}

} // namespace tusk::orm::detail
