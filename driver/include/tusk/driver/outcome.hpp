#pragma once

#include <tusk/driver/failure.hpp>

#include <utility>
#include <variant>

namespace tusk {

/// A value, or why there is none.
/// @par Thread safety  As the value.
template <class T>
class [[nodiscard]] outcome
{
public:
    outcome(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    outcome(failure why) : state_{std::in_place_index<1>, std::move(why)} {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    [[nodiscard]] bool failed() const noexcept { return state_.index() == 1; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

    /// The value.
    /// @throws tusk::error  What the throwing verb would have thrown, where there is no value.
    [[nodiscard]] T& value() &
    {
        require();
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] const T& value() const&
    {
        require();
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] T&& value() &&
    {
        require();
        return std::move(*std::get_if<0>(&state_));
    }

    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }

    /// Why there is no value; an empty `failure` where there is one.
    [[nodiscard]] const failure& error() const noexcept
    {
        static const failure none;
        const failure* why = std::get_if<1>(&state_);
        return why == nullptr ? none : *why;
    }

private:
    void require() const
    {
        if (const failure* why = std::get_if<1>(&state_))
            why->raise();
    }

    std::variant<T, failure> state_;
};

} // namespace tusk
