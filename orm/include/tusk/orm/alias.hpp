#pragma once

#include <tusk/orm/col.hpp>

#include <string_view>

namespace tusk::orm {

/// A second appearance of a class's table in a statement:
///
///     orm::alias<employee> boss{"boss"};
///     orm::select(col<&employee::name>, boss[col<&employee::name>]).outer_join<&employee::manager>(boss)
///
/// Copies are the same alias.
/// @par Thread safety  It does not change: any thread.
template <class T>
class alias
{
public:
    using entity_type = T;

    /// @param name  Its name in SQL; without one it is called `<table>_1` and so on.
    explicit alias(std::string_view name = {}) : source_{detail::make_alias(table_of<T>(), name)} {}

    /// One of its columns.
    template <class V>
    [[nodiscard]] expr<V> operator[](const column_ref<T, V>& column) const
    {
        return expr<V>{detail::make_column(source_, column.info())};
    }

    [[nodiscard]] const detail::source_ptr& source() const noexcept { return source_; }

private:
    detail::source_ptr source_;
};

/// A class's table as itself, among other outputs: `orm::select(orm::whole<user>, orm::count_all())`.
template <class T>
struct whole_entity {
    using entity_type = T;
};
template <class T>
inline constexpr whole_entity<T> whole{};

} // namespace tusk::orm
