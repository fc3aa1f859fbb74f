#pragma once

#include <tusk/driver/copy_reader.hpp>
#include <tusk/driver/copy_writer.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/stream_access.hpp>
#include <tusk/driver/identifier.hpp>
#include <tusk/driver/row_stream.hpp>

#include <asio/awaitable.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace tusk {

/// The verbs that open something: until it is read or written to its end, or dropped, nothing else runs on its
/// connection. (A stream inside a transaction is a portal, and lets other statements run in between.)
/// @par Thread safety  Call from the connection's strand.
template <class Derived>
class lease_verbs
{
public:
    /// Runs one statement and hands its rows over while they come, in constant memory.
    ///
    /// It returns when the first rows are there, or the end of a statement that gives none.
    ///
    /// @param sql        One statement in UTF-8.
    /// @param arguments  As for `query`.
    /// @throws server_error  The server refused it. (What goes wrong at a later row is thrown by `next_batch`.)
    /// @throws usage_error   Something else holds the connection.
    /// @throws tusk::error   As `query`.
    /// @see PostgreSQL documentation, "Message Flow: Extended Query", portals and row limits.
    template <class... A>
    [[nodiscard]] asio::awaitable<row_stream> stream(std::string_view sql, A&&... arguments)
    {
        return detail::await_value<row_stream, detail::take_stream>(
            detail::make_request(where(), detail::verb::stream, sql, std::forward<A>(arguments)...));
    }

    /// The same inside a transaction, with that many rows a round trip.
    /// @throws usage_error  It is not positive, or there is no transaction.
    template <class... A>
    [[nodiscard]] asio::awaitable<row_stream> stream(fetch_size size, std::string_view sql, A&&... arguments)
    {
        detail::request_ptr made =
            detail::make_request(where(), detail::verb::stream, sql, std::forward<A>(arguments)...);
        detail::set_fetch_size(made, size.rows);
        return detail::await_value<row_stream, detail::take_stream>(std::move(made));
    }

    /// Copies rows into a table, in binary.
    ///
    /// @param table    `"city"`, or `tusk::identifier{"sales", "city"}` for one in a schema. Names are quoted by us.
    /// @param columns  The columns that each row gives; all of them where none is named.
    /// @throws server_error  There is no such table or column, or it may not be written.
    /// @throws usage_error   Something else holds the connection.
    /// @see PostgreSQL documentation, "COPY Operations".
    template <class... Column>
    [[nodiscard]] asio::awaitable<copy_writer> copy_into(const identifier& table, const Column&... columns)
    {
        const std::array<std::string_view, sizeof...(Column)> names{std::string_view{columns}...};
        return detail::await_value<copy_writer, detail::take_copy_writer>(
            detail::make_copy_into(where(), table, names));
    }

    /// Runs a `COPY ... FROM STDIN` whose data the caller writes in the format that it says.
    /// @throws tusk::error  As `copy_into`.
    [[nodiscard]] asio::awaitable<raw_copy_writer> copy_in(std::string_view sql)
    {
        return detail::await_value<raw_copy_writer, detail::take_raw_copy_writer>(
            detail::make_copy_in(where(), std::string{sql}, {}));
    }

    /// Runs a `COPY ... TO STDOUT`.
    /// @throws tusk::error  As `copy_into`.
    [[nodiscard]] asio::awaitable<copy_reader> copy_out(std::string_view sql)
    {
        return detail::await_value<copy_reader, detail::take_copy_reader>(detail::make_copy_out(where(), sql));
    }

private:
    friend Derived;
    lease_verbs() = default;

    [[nodiscard]] const detail::target& where() const { return static_cast<const Derived&>(*this).target(); }
};

} // namespace tusk
