#pragma once

#include <tusk/orm/detail/statement_run.hpp>
#include <tusk/orm/detail/typed_run.hpp>
#include <tusk/orm/page.hpp>
#include <tusk/orm/statement_result.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <source_location>
#include <utility>

namespace tusk::orm {

namespace detail {

template <class Row, class Page = typename page_of_rows<Row>::type>
asio::awaitable<Page> load_page(std::shared_ptr<session_state> on, statement_ptr count, statement_ptr rows,
                                std::int64_t offset, std::int64_t limit, std::source_location who)
{
    Page made;
    made.offset = offset;
    made.limit = limit;
    made.total = co_await one_row<std::int64_t>(on, std::move(count), who);
    made.items = co_await all_rows<Row>(std::move(on), std::move(rows), who);
    co_return made;
}

} // namespace detail

/// One page of a SELECT, and how many rows it gives in all.
///
/// Two statements: where others write meanwhile, only a transaction with REPEATABLE READ makes them agree. The
/// statement should have an order that is total.
/// @param offset  Rows before the page.
/// @param limit   Rows on the page, at most.
/// @throws tusk::error  As `all`.
/// @par Lifetime  The statement is not used after the call returns.
template <class Session, class Statement>
[[nodiscard]] asio::awaitable<typename detail::page_of_rows<statement_result<Statement>>::type>
paginate(Session& session, Statement statement, std::int64_t offset, std::int64_t limit,
         std::source_location who = std::source_location::current())
{
    detail::statement_ptr count = detail::prepare_count(statement);
    statement.offset(offset).limit(limit);
    return detail::load_page<statement_result<Statement>>(detail::state_access::of(session), std::move(count),
                                                          detail::prepare(statement), offset, limit, who);
}

} // namespace tusk::orm
