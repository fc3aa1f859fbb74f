#pragma once

#include <tusk/orm/detail/entity_node.hpp>

#include <compare>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace tusk::orm {

template <class T>
class ref;

namespace detail {

/// The one way to a handle's node, for the rooms of the ORM.
struct ref_access {
    template <class T>
    static ref<T> make(entity_node* node) noexcept;
    template <class T>
    static entity_node* node(const ref<T>& of) noexcept;
};

} // namespace detail

/// A handle to an entity, which lives in its session's store at an address that never changes.
///
/// Access through `ref<T>` opens the entity for changes: its columns are compared at the next flush. Access through
/// `ref<const T>` costs nothing. Two handles are equal when they are handles to the same entity.
///
/// @par Lifetime       The store lives as long as the session or any handle. A handle that is null throws when it is
///                     used, and so does a dead one: of an entity that was removed and committed, or whose INSERT was
///                     rolled back.
/// @par Thread safety  That of its session: one strand.
template <class T>
class ref
{
public:
    using entity_type = T;

    ref() noexcept = default;
    ref(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor): null is a handle
    ref(const ref& other) noexcept : node_{other.node_} { retain(); }
    ref(ref&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    /// A handle that only reads.
    template <class Other>
        requires(std::is_same_v<const Other, T> && !std::is_const_v<Other>)
    ref(const ref<Other>& other) noexcept // NOLINT(google-explicit-constructor): as a pointer to const
        : node_{detail::ref_access::node(other)}
    {
        retain();
    }
    ref& operator=(ref other) noexcept
    {
        std::swap(node_, other.node_);
        return *this;
    }
    ~ref()
    {
        if (node_ != nullptr)
            detail::release(*node_);
    }

    /// @throws usage_error  The handle is null or dead.
    [[nodiscard]] T* operator->() const { return &object(); }
    [[nodiscard]] T& operator*() const { return object(); }

    /// It is not null.
    [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }

    friend bool operator==(const ref& a, const ref& b) noexcept { return a.node_ == b.node_; }
    friend std::strong_ordering operator<=>(const ref& a, const ref& b) noexcept
    {
        return std::compare_three_way{}(a.node_, b.node_);
    }

private:
    friend struct detail::ref_access;
    friend struct std::hash<ref>;

    explicit ref(detail::entity_node* node) noexcept : node_{node} { retain(); }

    void retain() const noexcept
    {
        if (node_ != nullptr)
            detail::retain(*node_);
    }

    [[nodiscard]] T& object() const
    {
        if (node_ == nullptr)
            detail::fail_null_handle();
        if constexpr (std::is_const_v<T>) {
            if (node_->state == detail::entity_state::dead)
                detail::fail_dead_handle(*node_);
        } else if (!node_->is_open_for_changes) {
            detail::open_for_changes(*node_);
        }
        return *static_cast<T*>(node_->object);
    }

    detail::entity_node* node_ = nullptr;
};

template <class T>
ref<T> detail::ref_access::make(entity_node* node) noexcept
{
    return ref<T>{node};
}
template <class T>
detail::entity_node* detail::ref_access::node(const ref<T>& of) noexcept
{
    return of.node_;
}

} // namespace tusk::orm

template <class T>
struct std::hash<tusk::orm::ref<T>> {
    std::size_t operator()(const tusk::orm::ref<T>& of) const noexcept { return std::hash<const void*>{}(of.node_); }
};
