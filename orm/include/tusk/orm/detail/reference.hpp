#pragma once

#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/ref.hpp>

#include <cstddef>

namespace tusk::orm::detail {

/// What `belongs_to` and `has_one` are to their users.
template <class T>
class reference : public reference_member
{
public:
    reference() noexcept = default;
    reference(const reference&) noexcept = default;
    reference& operator=(const reference&) noexcept = default;

    /// Refers to that entity from now on; the other side follows at once, the foreign key at the next flush.
    /// @throws usage_error, not_loaded  This entity has no session, the other one another; an unloaded has_one.
    reference& operator=(const ref<T>& target)
    {
        set(ref_access::node(target));
        return *this;
    }
    reference& operator=(std::nullptr_t)
    {
        set(nullptr);
        return *this;
    }

    /// The handle; null where there is no entity.
    /// @throws not_loaded  It was not loaded.
    [[nodiscard]] ref<T> get() const { return ref_access::make<T>(target()); }
    operator ref<T>() const { return get(); } // NOLINT(google-explicit-constructor): it stands for the handle

    /// Access through it opens the other entity for changes, as a handle does.
    /// @throws not_loaded   It was not loaded.
    /// @throws usage_error  There is no entity.
    [[nodiscard]] T* operator->() const
    {
        entity_node* to = target();
        if (to == nullptr)
            fail_null_handle();
        if (!to->is_open_for_changes)
            open_for_changes(*to);
        return static_cast<T*>(to->object);
    }
    [[nodiscard]] T& operator*() const { return *operator->(); }

    /// There is an entity.
    /// @throws not_loaded  It was not loaded.
    [[nodiscard]] explicit operator bool() const { return target() != nullptr; }

    [[nodiscard]] bool is_loaded() const noexcept { return loaded(); }

    friend bool operator==(const reference& a, const ref<T>& b) { return a.target() == ref_access::node(b); }
};

} // namespace tusk::orm::detail
