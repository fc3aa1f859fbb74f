#pragma once

#include <optional>
#include <utility>

namespace tusk::orm {

namespace detail {
[[noreturn]] void fail_deferred();
}

/// A member that a load may leave out (`load_only`, `defer`): reading it then throws, and a flush does not write it.
///
/// It holds a value from the start; only a load that leaves the column out makes it unloaded.
template <class T>
class deferred
{
public:
    using value_type = T;

    deferred() : value_{std::in_place} {}
    deferred(T value) : value_{std::move(value)} {} // NOLINT(google-explicit-constructor): it stands for the value
    deferred& operator=(T value)
    {
        value_ = std::move(value);
        return *this;
    }

    [[nodiscard]] bool is_loaded() const noexcept { return value_.has_value(); }

    /// @throws not_loaded  The column was left out when the entity was loaded.
    [[nodiscard]] T& get()
    {
        require();
        return *value_;
    }
    [[nodiscard]] const T& get() const
    {
        require();
        return *value_;
    }
    [[nodiscard]] T& operator*() { return get(); }
    [[nodiscard]] const T& operator*() const { return get(); }
    [[nodiscard]] T* operator->() { return &get(); }
    [[nodiscard]] const T* operator->() const { return &get(); }

    /// Forgets the value: what a load does that leaves the column out.
    void unload() noexcept { value_.reset(); }

    friend bool operator==(const deferred&, const deferred&) = default;

private:
    void require() const
    {
        if (!value_)
            detail::fail_deferred();
    }

    std::optional<T> value_;
};

namespace detail {

template <class T>
inline constexpr bool is_deferred = false;
template <class T>
inline constexpr bool is_deferred<deferred<T>> = true;

template <class T>
struct stored {
    using type = T;
};
template <class T>
struct stored<deferred<T>> {
    using type = T;
};
/// The value that a member holds for its column.
template <class T>
using stored_in = typename stored<T>::type;

} // namespace detail

} // namespace tusk::orm
