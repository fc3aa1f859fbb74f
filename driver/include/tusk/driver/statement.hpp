#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/result.hpp>

#include <asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tusk {

namespace detail {
struct statement;
struct take_statement;

request_ptr make_prepare(const target& to, std::string_view sql);
} // namespace detail

/// A prepared statement with its description. While the object lives, the statement stays prepared on its connection.
/// @par Lifetime       It may outlive its `connection` object, which then is closed.
/// @par Thread safety  Call from the connection's strand.
class statement
{
public:
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

    /// The types of `$1`, `$2` and so on, as the server decided them; `type_name` names them.
    [[nodiscard]] std::span<const oid> parameters() const noexcept { return parameters_; }

    /// The columns of its rows: name, type, type modifier, table and column number; none where it returns no rows.
    [[nodiscard]] std::span<const column> columns() const noexcept;

    /// As the verbs of the connection, without the SQL.
    template <class... A>
    [[nodiscard]] asio::awaitable<result> query(A&&... arguments)
    {
        return detail::await_value<result, detail::take_result>(make(std::forward<A>(arguments)...));
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<T> query_one(A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_value<T, detail::take_one<T>>(make(std::forward<A>(arguments)...));
    }
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<std::optional<T>> query_optional(A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_value<std::optional<T>, detail::take_optional<T>>(make(std::forward<A>(arguments)...));
    }
    template <class... A>
    [[nodiscard]] asio::awaitable<command_tag> execute(A&&... arguments)
    {
        return detail::await_value<command_tag, detail::take_tag>(make(std::forward<A>(arguments)...));
    }

private:
    friend struct detail::take_statement;

    statement(detail::target at, std::string sql, std::shared_ptr<const detail::statement> kept);

    template <class... A>
    detail::request_ptr make(A&&... arguments)
    {
        return detail::make_query(at_, sql_, std::forward<A>(arguments)...);
    }

    detail::target at_;
    std::string sql_;
    std::vector<oid> parameters_;
    std::shared_ptr<const detail::column_list> columns_;
    std::shared_ptr<const detail::statement> kept_;
};

namespace detail {

struct take_statement {
    static tusk::statement from(request& done);
};

} // namespace detail

} // namespace tusk
