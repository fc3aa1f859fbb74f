#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/composite_members.hpp>
#include <tusk/driver/detail/copy_access.hpp>
#include <tusk/driver/detail/native_row.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/parameter_source.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/oid.hpp>

#include <asio/awaitable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk {

namespace detail {

/// The writing end of a COPY: a buffer with one CopyData message under construction.
class copy_buffer
{
public:
    explicit copy_buffer(request_ptr copy);
    copy_buffer(copy_buffer&& other) noexcept
        : copy_{std::move(other.copy_)}, bytes_{std::exchange(other.bytes_, byte_writer{})}
    {
    }
    copy_buffer& operator=(copy_buffer&& other) noexcept;
    ~copy_buffer();

    /// What is written here goes to the server.
    /// @throws usage_error  The writer was moved from, has finished, or holds more than it may: flush it.
    byte_writer& out();
    /// Adds a row of values that travel as they lie in memory.
    /// @returns False where nothing was added: `out` has to be asked for room, or one of them needs its codec.
    template <class... A>
    [[gnu::always_inline]] bool put_native_row(const A&... values)
    {
        constexpr std::size_t most = sizeof(std::int16_t) + longest_native_row<A...>;
        if (bytes_.capacity() - bytes_.size() < most) [[unlikely]]
            return false;
        std::byte* const begin = bytes_.room();
        store_big_endian(begin, static_cast<std::int16_t>(sizeof...(A)));
        std::size_t at = sizeof(std::int16_t);
        if (!store_native_row(begin, at, values...)) [[unlikely]]
            return false;
        bytes_.commit(at);
        return true;
    }
    /// A flush is due.
    [[nodiscard]] bool is_due() const noexcept { return bytes_.size() >= due; }
    /// Hands the buffer over.
    request_ptr send(bool last);
    [[nodiscard]] const request_ptr& copy() const noexcept { return copy_; }

private:
    static constexpr std::size_t due = 64 * 1024;
    void begin_message();

    request_ptr copy_;
    byte_writer bytes_;
};

/// A literal or a pointer to text is seen as a view, everything else as it is.
template <class A>
decltype(auto) seen_by_copy(const A& value) noexcept
{
    if constexpr (std::is_convertible_v<const A&, const char*>)
        return std::string_view{value};
    else
        return (value);
}

/// What an element of a range is added as: what stands for one (of a `std::vector<bool>`, say) as what it stands for.
template <class Iterator>
using copied_element =
    std::conditional_t<std::is_lvalue_reference_v<std::iter_reference_t<Iterator>> ||
                           is_tuple<std::remove_cvref_t<std::iter_reference_t<Iterator>>>,
                       std::remove_cvref_t<std::iter_reference_t<Iterator>>, std::iter_value_t<Iterator>>;

/// How a value goes into a function that is not inlined. Whoever takes the address of a number or a view has to keep it
/// in memory from then on, in a loop that otherwise works in registers.
template <class A>
struct passed_to_copy {
    using type = std::conditional_t<std::is_trivially_copyable_v<A> && sizeof(A) <= sizeof(void*), A, const A&>;
    static type from(const A& value) noexcept { return value; }
};
template <>
struct passed_to_copy<std::string_view> {
    using type = std::string_view;
    static type from(std::string_view value) noexcept { return {value.data(), value.size()}; }
};

} // namespace detail

/// Rows for a table, by COPY in binary. Values are encoded for the columns' types, which the server has told.
///
///     tusk::copy_writer writer = co_await conn.copy_into("city", "name", "population");
///     for (const auto& each : cities)
///         if (writer.add(each.name, each.population))
///             co_await writer.flush();
///     co_await writer.finish();
///
/// Where there is a range of rows, `co_await writer.add_all(cities)` stands for that loop.
///
/// It holds its connection (or its transaction) until it is finished or destroyed. COPY is all or nothing.
/// @par Lifetime       Destroyed unfinished, the COPY is undone, and the connection stays usable; nothing blocks.
/// @par Thread safety  Call from the connection's strand.
class copy_writer
{
public:
    /// Adds one row.
    /// @param values  One a column, in the order of `copy_into`; `std::nullopt` and empty optionals are NULL.
    /// @returns Whether a `flush` is due.
    /// @throws encode_error  A value does not fit its column; the row is not added, the others stay.
    /// @throws usage_error   There are not as many values as columns, or far too much waits for a `flush`.
    template <class... A>
    [[nodiscard, gnu::always_inline]] bool add(const A&... values)
    {
        return add_values(detail::seen_by_copy(values)...);
    }

    /// Adds all elements of a range, and flushes whenever that is due. It is the fastest way too, for its loop is no
    /// part of a coroutine.
    /// @param rows  Any input range. The members of a tuple or an aggregate are one column each; any other element is
    ///              the only one. An lvalue is referred to and must outlive the await; an rvalue is moved in.
    /// @throws encode_error  A value does not fit its column; the message names the element. It is not added, those
    ///                       before it stay, and the writer can go on.
    /// @throws tusk::error   As `add` and `flush`; and whatever the range throws while it is gone through.
    /// @par Cancellation     As `flush`.
    template <std::ranges::input_range Range>
    [[nodiscard]] asio::awaitable<void> add_all(Range&& rows)
    {
        detail::refuse_miscompiled<Range>();
        return add_each<Range>(*this, std::forward<Range>(rows));
    }

    /// Sends what was added so far; returns when it is safe to add more.
    /// @throws server_error      The server refused a row that was sent earlier. The COPY is over.
    /// @throws connection_error  The connection was lost.
    /// @par Cancellation  Any type: it ends the COPY, which is undone.
    [[nodiscard]] asio::awaitable<void> flush() { return detail::await_nothing(buffer_.send(false)); }

    /// Sends the rest and ends the COPY.
    /// @returns How many rows were copied.
    /// @throws tusk::error  As `flush`.
    [[nodiscard]] asio::awaitable<command_tag> finish();

private:
    friend struct detail::take_copy_writer;

    explicit copy_writer(detail::request_ptr copy);
    template <class... A>
    [[gnu::always_inline]] bool add_values(const A&... values)
    {
        if constexpr (sizeof...(A) != 0 && detail::are_native<A...>)
            if (natively_ == detail::native_types<A...>.data() && buffer_.put_native_row(values...)) [[likely]]
                return buffer_.is_due();
        return add_unusual<A...>(detail::passed_to_copy<A>::from(values)...);
    }
    /// Also what a COPY begins with: rows are mostly alike, so the list of types that the columns have is remembered.
    template <class... A>
    [[gnu::noinline]] bool add_unusual(typename detail::passed_to_copy<A>::type... values)
    {
        static_cast<void>(buffer_.out()); // a writer that was moved from has no columns either
        if constexpr (sizeof...(A) != 0 && detail::are_native<A...>)
            if (has_types(detail::native_types<A...>))
                natively_ = detail::native_types<A...>.data();
        const std::array<detail::parameter, sizeof...(A)> row{detail::parameter_for(values)...};
        return add_row(row);
    }
    bool add_row(std::span<const detail::parameter> row);
    template <class Range>
    static asio::awaitable<void> add_each(copy_writer& to, Range rows)
    {
        auto at = std::ranges::begin(rows);
        const auto end = std::ranges::end(rows);
        std::size_t added = 0;
        while (to.add_until_due(at, end, added))
            co_await to.flush();
    }
    /// @param at     Moved on to the first that was not added.
    /// @param added  Counted up.
    /// @returns Whether a flush is due.
    template <class Iterator, class End>
    bool add_until_due(Iterator& at, const End& end, std::size_t& added)
    {
        Iterator next = std::move(at); // not in the coroutine's frame
        std::size_t count = added;
        bool is_due = false;
        try {
            for (; !is_due && next != end; ++next, ++count)
                is_due = detail::with_members<detail::copied_element<Iterator>>(
                    *next, [this](const auto&... values) { return this->add(values...); });
        } catch (const encode_error& refused) {
            fail_element(count, refused);
        }
        at = std::move(next);
        added = count;
        return is_due;
    }
    [[noreturn]] static void fail_element(std::size_t position, const encode_error& refused);
    /// Whether values that travel as they lie in memory do so for the columns.
    [[nodiscard]] bool has_types(std::span<const oid> types) const noexcept;

    detail::copy_buffer buffer_;
    const oid* natively_ = nullptr;
    std::shared_ptr<const detail::column_list> columns_;
};

/// Bytes for a COPY that the caller has written: text, CSV or binary, as its statement says.
/// @par Lifetime       As `copy_writer`.
/// @par Thread safety  Call from the connection's strand.
class raw_copy_writer
{
public:
    /// Adds bytes, cut anywhere.
    /// @returns Whether a `flush` is due.
    /// @throws usage_error  Far too much waits for a `flush`.
    [[nodiscard]] bool add(std::span<const std::byte> bytes);
    [[nodiscard]] bool add(std::string_view text) { return add(std::as_bytes(std::span{text})); }

    /// As `copy_writer::flush`.
    [[nodiscard]] asio::awaitable<void> flush() { return detail::await_nothing(buffer_.send(false)); }

    /// As `copy_writer::finish`.
    [[nodiscard]] asio::awaitable<command_tag> finish()
    {
        return detail::await_value<command_tag, detail::take_tag>(buffer_.send(true));
    }

private:
    friend struct detail::take_raw_copy_writer;

    explicit raw_copy_writer(detail::request_ptr copy) : buffer_{std::move(copy)} {}

    detail::copy_buffer buffer_;
};

} // namespace tusk
