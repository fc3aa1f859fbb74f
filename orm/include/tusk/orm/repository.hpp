#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/orm/detail/key_order.hpp>
#include <tusk/orm/page.hpp>
#include <tusk/orm/paginate.hpp>
#include <tusk/orm/ref.hpp>
#include <tusk/orm/select.hpp>
#include <tusk/orm/session.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tusk::orm {

namespace detail {

template <class T>
asio::awaitable<ref<T>> give_flushed(asio::awaitable<void> flush, ref<T> made)
{
    co_await std::move(flush);
    co_return made;
}

template <class T>
asio::awaitable<bool> remove_found(session& from, asio::awaitable<ref<T>> lookup)
{
    const ref<T> found = co_await std::move(lookup);
    if (!found)
        co_return false;
    from.remove(found);
    co_await from.flush();
    co_return true;
}

} // namespace detail

/// The everyday verbs on one class, in a session: what a request handler wants of it. Whatever changes is flushed at
/// once and committed by the session's owner.
///
/// @par Lifetime       The session outlives it and what its verbs return, and stays where it is.
/// @par Thread safety  That of the session.
template <entity T>
class repository
{
public:
    explicit repository(session& of) noexcept : session_{&of} {}

    /// The entity with that primary key, or a null handle; see `session::get`.
    template <class... Key>
    [[nodiscard]] asio::awaitable<ref<T>> get(const Key&... key) const
    {
        return session_->template get<T>(key...);
    }

    /// Entities in the order of their primary keys.
    /// @param offset  How many are skipped first.
    /// @param limit   How many at most; `std::nullopt` for all.
    [[nodiscard]] asio::awaitable<std::vector<ref<T>>> list(std::int64_t offset = 0,
                                                            std::optional<std::int64_t> limit = std::nullopt) const
    {
        return session_->all(detail::in_key_order<T>().offset(offset).limit(limit));
    }

    /// As `list`, with how many there are in all.
    [[nodiscard]] asio::awaitable<orm::page<T>> page(std::int64_t offset, std::int64_t limit) const
    {
        return paginate(*session_, detail::in_key_order<T>(), offset, limit);
    }

    [[nodiscard]] asio::awaitable<std::int64_t> count() const { return session_->count(select<T>()); }

    /// Adds a new entity and sends it: what the server computes is there then.
    /// @param entity  It is moved in, or copied where it is an lvalue.
    /// @throws tusk::error  As `session::flush`.
    template <class Entity>
        requires std::same_as<std::remove_cvref_t<Entity>, T>
    [[nodiscard]] asio::awaitable<ref<T>> create(Entity&& entity) const
    {
        tusk::detail::refuse_miscompiled<Entity>();
        ref<T> made = session_->add(std::forward<Entity>(entity));
        return detail::give_flushed(session_->flush(), std::move(made));
    }

    /// Changes an entity and sends what differs.
    /// @param change  `void(T&)`; called before this returns.
    /// @throws tusk::error  As `session::flush`.
    template <class F>
    [[nodiscard]] asio::awaitable<ref<T>> update(const ref<T>& what, F&& change) const
    {
        tusk::detail::refuse_miscompiled<F>();
        std::forward<F>(change)(*what);
        return detail::give_flushed(session_->flush(), what);
    }

    /// Deletes its row, with what the cascades of its relations reach.
    /// @throws tusk::error  As `session::remove` (at once) and `session::flush`.
    [[nodiscard]] asio::awaitable<void> remove(const ref<T>& what) const
    {
        session_->remove(what);
        return session_->flush();
    }

    /// The same by primary key.
    /// @returns False where there is no such row.
    template <class... Key>
    [[nodiscard]] asio::awaitable<bool> remove_by_key(const Key&... key) const
    {
        return detail::remove_found<T>(*session_, get(key...));
    }

private:
    session* session_;
};

} // namespace tusk::orm
