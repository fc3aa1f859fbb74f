#pragma once

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/parameter_source.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/outcome.hpp>
#include <tusk/driver/pipeline.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/driver/statement.hpp>

#include <asio/awaitable.hpp>

#include <optional>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk {

/// The verbs that everything has on which SQL can be run: `connection`, `shared_connection`, `transaction`.
///
/// Every verb is a plain function that takes its SQL and arguments over before it returns; nothing is sent until what
/// it returned is awaited. So a verb may be stored, spawned, or awaited later, and its arguments may be temporaries.
///
/// @par Parameters     `$1` to `$65535`; each is encoded for the type that the *server* reports for it. `tusk::as_type`
///                     or a cast in the SQL decides otherwise; text fits every type. `std::nullopt` is NULL.
/// @par Cancellation   Any type: the caller is released at once with `operation_aborted`, the connection stays usable,
///                     and the answer is read and dropped. A statement that was sent may still take effect.
/// @par Thread safety  Call from the connection's strand.
/// @see PostgreSQL documentation, "Message Flow: Extended Query".
template <class Derived>
class verbs
{
public:
    /// Runs one statement and returns all its rows.
    ///
    /// Prepared once per connection and cached by text; parameters and rows travel in binary.
    ///
    /// @param sql        One statement in UTF-8.
    /// @param arguments  One value a parameter, or one `tusk::parameters`.
    /// @throws server_error      The server refused it. The connection stays usable.
    /// @throws encode_error      A value does not fit its parameter. The statement was not executed.
    /// @throws usage_error       The number of arguments is wrong, or something else holds the connection.
    /// @throws connection_error  The connection is closed; `safe_to_retry()` tells whether a byte was sent.
    /// @par Lifetime  `sql` and `arguments` are not used after the call returns. The result owns its bytes.
    template <class... A>
    [[nodiscard]] asio::awaitable<result> query(std::string_view sql, A&&... arguments)
    {
        return detail::await_value<result, detail::take_result>(make(sql, std::forward<A>(arguments)...));
    }

    /// Runs one statement that must return exactly one row, and reads it as `T`: an aggregate or a tuple takes the
    /// whole row, anything else the only column. A composite value in one column is `std::tuple<T>`.
    /// @throws row_count_error  There was no row, or more than one.
    /// @throws decode_error     The row does not fit `T`. The statement was executed.
    /// @throws tusk::error      As `query`.
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<T> query_one(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_value<T, detail::take_one<T>>(make(sql, std::forward<A>(arguments)...));
    }

    /// Runs one statement that may return one row; nothing where it returns none.
    /// @throws row_count_error  There was more than one row.
    /// @throws decode_error     The row does not fit `T`. The statement was executed.
    /// @throws tusk::error      As `query`.
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<std::optional<T>> query_optional(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_value<std::optional<T>, detail::take_optional<T>>(
            make(sql, std::forward<A>(arguments)...));
    }

    /// Runs one statement for its effect. Rows that it returns are dropped.
    /// @returns What the server said: the command and how many rows it affected.
    /// @throws tusk::error  As `query`.
    template <class... A>
    [[nodiscard]] asio::awaitable<command_tag> execute(std::string_view sql, A&&... arguments)
    {
        return detail::await_value<command_tag, detail::take_tag>(make(sql, std::forward<A>(arguments)...));
    }

    /// As `query`, with a refusal as a value instead of an exception.
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<result>> try_query(std::string_view sql, A&&... arguments)
    {
        return detail::await_outcome<result, detail::take_result>(make(sql, std::forward<A>(arguments)...));
    }

    /// As `query_one`, with a refusal as a value instead of an exception.
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<T>> try_query_one(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_outcome<T, detail::take_one<T>>(make(sql, std::forward<A>(arguments)...));
    }

    /// As `query_optional`, with a refusal as a value instead of an exception.
    template <class T, class... A>
    [[nodiscard]] asio::awaitable<outcome<std::optional<T>>> try_query_optional(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return detail::await_outcome<std::optional<T>, detail::take_optional<T>>(
            make(sql, std::forward<A>(arguments)...));
    }

    /// As `execute`, with a refusal as a value instead of an exception.
    template <class... A>
    [[nodiscard]] asio::awaitable<outcome<command_tag>> try_execute(std::string_view sql, A&&... arguments)
    {
        return detail::await_outcome<command_tag, detail::take_tag>(make(sql, std::forward<A>(arguments)...));
    }

    /// Runs a string of statements, separated by semicolons, by the simple protocol.
    ///
    /// Outside a transaction the server runs them as one: all or nothing, unless the string itself says BEGIN or
    /// COMMIT. There are no parameters, and values arrive as text.
    ///
    /// @returns One result a statement, in order.
    /// @throws server_error  One of them was refused; those behind it were not run.
    /// @throws usage_error   The string starts a COPY, which needs a verb of its own.
    /// @throws tusk::error   As `query`.
    /// @see PostgreSQL documentation, "Message Flow: Simple Query".
    [[nodiscard]] asio::awaitable<std::vector<result>> execute_script(std::string_view sql)
    {
        return detail::await_value<std::vector<result>, detail::take_results>(detail::make_script(where(), sql));
    }

    /// As `execute_script`, with a refusal as a value instead of an exception.
    [[nodiscard]] asio::awaitable<outcome<std::vector<result>>> try_execute_script(std::string_view sql)
    {
        return detail::await_outcome<std::vector<result>, detail::take_results>(detail::make_script(where(), sql));
    }

    /// Runs one statement for every element of a range: one flight, all or nothing.
    ///
    /// The range is gone through while the answers to its first elements come in already, so it may be of any length.
    /// When an element fails, the others are undone with it; inside a transaction that goes on, by a savepoint.
    ///
    /// @param sets  Any input range. The members of a tuple or an aggregate are one parameter each; any other element
    ///              is the only one. An lvalue is referred to and must outlive the await; an rvalue is moved in.
    /// @returns What the server said, with the rows of all elements counted together.
    /// @throws server_error  An element was refused; the message names its position.
    /// @throws encode_error  A value of an element does not fit its parameter; the message names its position.
    /// @throws tusk::error   As `query`; and whatever the range throws while it is gone through.
    template <std::ranges::input_range Range>
    [[nodiscard]] asio::awaitable<command_tag> execute_many(std::string_view sql, Range&& sets)
    {
        return detail::await_value<command_tag, detail::take_tag>(
            detail::make_many(where(), sql, std::forward<Range>(sets)));
    }

    /// As `execute_many`, and gives the rows that all of them returned, in order.
    template <std::ranges::input_range Range>
    [[nodiscard]] asio::awaitable<result> query_many(std::string_view sql, Range&& sets)
    {
        return detail::await_value<result, detail::take_result>(
            detail::make_many(where(), sql, std::forward<Range>(sets)));
    }

    /// Different statements in one round trip, each by itself.
    [[nodiscard]] tusk::pipeline pipeline() { return tusk::pipeline{where(), false}; }

    /// Different statements in one round trip, all or nothing. They are prepared before the first one runs, so none can
    /// use what another one creates.
    [[nodiscard]] tusk::pipeline atomic_pipeline() { return tusk::pipeline{where(), true}; }

    /// Prepares a statement, and tells what its parameters and columns are. Statements are prepared by themselves when
    /// they are run; this is for looking at one, and for keeping it prepared.
    /// @throws tusk::error  As `query`.
    [[nodiscard]] asio::awaitable<tusk::statement> prepare(std::string_view sql)
    {
        return detail::await_value<tusk::statement, detail::take_statement>(detail::make_prepare(where(), sql));
    }

private:
    friend Derived;
    verbs() = default;

    [[nodiscard]] const detail::target& where() const { return static_cast<const Derived&>(*this).target(); }

    template <class... A>
    detail::request_ptr make(std::string_view sql, A&&... arguments)
    {
        return detail::make_query(where(), sql, std::forward<A>(arguments)...);
    }
};

} // namespace tusk
