#pragma once

#include <tusk/orm/detail/row_maker.hpp>
#include <tusk/orm/detail/statement_run.hpp>
#include <tusk/orm/ref.hpp>

#include <tusk/driver/detail/owned.hpp>
#include <tusk/driver/detail/parameter.hpp>

#include <asio/awaitable.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// The typed ends of the verbs: each awaits what compiled code loads, and makes handles and values of it.
namespace tusk::orm {

template <class Derived>
class query_verbs;

} // namespace tusk::orm

namespace tusk::orm::detail {

/// A row that may not be there: a handle can be null, other values are optional.
template <class Row>
struct maybe_row {
    using type = std::optional<Row>;
};
template <class T>
struct maybe_row<ref<T>> {
    using type = ref<T>;
};
template <class Row>
using maybe_row_of = typename maybe_row<Row>::type;

/// The first part of a row.
template <class Row>
struct first_part {
    using type = Row;
};
template <class First, class... Rest>
struct first_part<std::tuple<First, Rest...>> {
    using type = First;
};
/// ... where there may be no row: of a value that may be NULL, nothing is said twice.
template <class Value>
struct maybe_scalar {
    using type = maybe_row_of<Value>;
};
template <class Value>
struct maybe_scalar<std::optional<Value>> {
    using type = std::optional<Value>;
};

template <class Row>
std::vector<Row> make_rows(const loaded_rows& came)
{
    const row_maker<Row> make{came};
    std::vector<Row> rows;
    rows.reserve(came.count);
    for (std::size_t i = 0; i < came.count; ++i)
        rows.push_back(make(i));
    return rows;
}

template <class Row>
asio::awaitable<std::vector<Row>> all_rows(std::shared_ptr<session_state> on, statement_ptr what,
                                           std::source_location who)
{
    const loaded_rows came = co_await run_query(std::move(on), std::move(what), row_bound::any, who);
    co_return make_rows<Row>(came);
}

template <class Row>
asio::awaitable<Row> one_row(std::shared_ptr<session_state> on, statement_ptr what, std::source_location who)
{
    const loaded_rows came = co_await run_query(std::move(on), std::move(what), row_bound::one, who);
    co_return row_maker<Row>{came}(0);
}

/// @param bound  `first` or `one_or_none`.
template <class Row>
asio::awaitable<maybe_row_of<Row>> maybe_one_row(std::shared_ptr<session_state> on, statement_ptr what, row_bound bound,
                                                 std::source_location who)
{
    const loaded_rows came = co_await run_query(std::move(on), std::move(what), bound, who);
    if (came.count == 0)
        co_return maybe_row_of<Row>{};
    co_return row_maker<Row>{came}(0);
}

template <class Row>
typename first_part<Row>::type first_of(Row row)
{
    if constexpr (std::is_same_v<typename first_part<Row>::type, Row>)
        return row;
    else
        return std::get<0>(std::move(row));
}

template <class Row>
asio::awaitable<typename first_part<Row>::type> one_scalar(std::shared_ptr<session_state> on, statement_ptr what,
                                                           std::source_location who)
{
    const loaded_rows came = co_await run_query(std::move(on), std::move(what), row_bound::one, who);
    co_return first_of<Row>(row_maker<Row>{came}(0));
}

template <class Row, class Scalar = typename maybe_scalar<typename first_part<Row>::type>::type>
asio::awaitable<Scalar> maybe_scalar_of(std::shared_ptr<session_state> on, statement_ptr what, std::source_location who)
{
    const loaded_rows came = co_await run_query(std::move(on), std::move(what), row_bound::first, who);
    if (came.count == 0)
        co_return Scalar{};
    co_return first_of<Row>(row_maker<Row>{came}(0));
}

/// @throws usage_error  As `encode_key`.
template <class... Key>
std::string encode_key_of(const table_info& table, const Key&... key)
{
    const std::tuple<tusk::detail::owned<const Key&>...> kept{tusk::detail::take_ownership(key)...};
    return std::apply(
        [&](const auto&... each) {
            const std::array<tusk::detail::parameter, sizeof...(Key)> values{tusk::detail::parameter_for(each)...};
            return encode_key(table, values);
        },
        kept);
}

/// Handles that only read are asked for of the class that the statement selects.
template <class Read, class Row>
constexpr void require_entity()
{
    static_assert(std::is_same_v<Row, ref<std::remove_const_t<Read>>>,
                  "tusk: all<const T>(statement) is for a statement that selects T and nothing else");
}

/// The way to what a session is made of, for functions beside it.
struct state_access {
    template <class Session>
    static const std::shared_ptr<session_state>& of(const Session& session)
    {
        return static_cast<const query_verbs<Session>&>(session).state();
    }
};

template <class T>
asio::awaitable<ref<T>> get_entity(std::shared_ptr<session_state> on, const table_info& table, std::string key,
                                   std::source_location who)
{
    const kept_entities found = co_await run_get(std::move(on), table, std::move(key), who);
    co_return found.empty() ? ref<T>{} : ref_access::make<T>(found[0]);
}

} // namespace tusk::orm::detail
