#include "connection/prepare.hpp"

#include <tusk/driver/statement.hpp>

#include <memory>
#include <utility>

namespace tusk {

namespace detail {

request_ptr make_prepare(const target& to, std::string_view sql)
{
    check_sql(sql);
    return request_ptr{new prepare_operation{to, std::string{sql}, {}}};
}

tusk::statement take_statement::from(request& done)
{
    auto& prepared = static_cast<prepare_operation&>(done);
    return tusk::statement{prepared.to, std::string{prepared.sql()}, prepared.made};
}

} // namespace detail

statement::statement(detail::target at, std::string sql, std::shared_ptr<const detail::statement> kept)
    : at_{std::move(at)},
      sql_{std::move(sql)},
      parameters_{kept->parameter_types},
      columns_{kept->columns},
      kept_{std::move(kept)}
{
}

std::span<const column> statement::columns() const noexcept
{
    return columns_ ? std::span<const column>{*columns_} : std::span<const column>{};
}

} // namespace tusk
