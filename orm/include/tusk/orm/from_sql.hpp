#pragma once

#include <tusk/driver/parameters.hpp>
#include <tusk/orm/build_table.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/statement_run.hpp>
#include <tusk/orm/loader.hpp>
#include <tusk/orm/ref.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::orm {

namespace detail {

/// SQL that the caller wrote, whose rows are entities of one class.
struct raw_query {
    const table_info* table = nullptr;
    std::string sql;
    tusk::parameters values;
    std::vector<load_option> options;
};

} // namespace detail

/// A statement in SQL that selects entities; made by `from_sql`, and run by the verbs of a session.
template <class T>
class sql_statement
{
public:
    using result_type = ref<T>;

    explicit sql_statement(detail::raw_query of) : query_{std::move(of)} {}

    /// What is loaded beside the entities: `selectinload` and what is nested in it.
    template <class... At>
    [[nodiscard]] sql_statement options(const loader<T, At>&... each) const
    {
        sql_statement made = *this;
        (made.query_.options.push_back(each.option()), ...);
        return made;
    }

    operator const detail::raw_query&() const noexcept { return query_; } // NOLINT(google-explicit-constructor)

private:
    detail::raw_query query_;
};

/// Entities by SQL that you write: `s.all(orm::from_sql<user>("SELECT * FROM users WHERE name ~ $1", pattern))`.
///
/// Its columns are matched with members by their names; those that no member has are skipped. All members of the class
/// but deferred ones must be among them. Whatever the session has changed is flushed before it runs, as nobody knows
/// which tables it reads.
/// @param sql        One statement; `$1` to `$65535` mark its parameters.
/// @param arguments  One value a parameter; they are taken over.
template <entity T, class... A>
[[nodiscard]] sql_statement<T> from_sql(std::string_view sql, A&&... arguments)
{
    detail::raw_query made;
    made.table = &table_of<T>();
    made.sql = sql;
    (made.values.add(std::forward<A>(arguments)), ...);
    return sql_statement<T>{std::move(made)};
}

} // namespace tusk::orm
