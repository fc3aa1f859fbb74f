#pragma once

#include <tusk/driver/detail/parameter.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tusk {

/// Parameters whose number is known at run time only: `conn.query(sql, list)`.
/// @par Lifetime       It owns its values. A verb that takes it shares them: adding more afterwards does not change
///                     what the verb sends.
/// @par Thread safety  None while it is being filled.
class parameters
{
public:
    /// Appends the value of the next `$n`; text and bytes are copied.
    template <class T>
    parameters& add(T&& value)
    {
        using stored = detail::owned<T>;
        auto held = std::make_shared<const stored>(detail::take_ownership(std::forward<T>(value)));
        make_own();
        values_->parameters.push_back(detail::parameter_for(*held));
        values_->owners.push_back(std::move(held));
        return *this;
    }

    /// Appends the values of an owner that has described them itself, and declared their types where it knows them.
    /// @par Lifetime  The values must live as long as `owner`, which is kept.
    parameters& add_described(std::span<const detail::parameter> values, std::shared_ptr<const void> owner)
    {
        make_own();
        values_->parameters.insert(values_->parameters.end(), values.begin(), values.end());
        values_->owners.push_back(std::move(owner));
        return *this;
    }

    [[nodiscard]] std::size_t size() const noexcept { return view().size(); }

    /// What the driver sends; valid as long as this object is neither changed nor destroyed.
    [[nodiscard]] std::span<const detail::parameter> view() const noexcept
    {
        return values_ ? std::span<const detail::parameter>{values_->parameters} : std::span<const detail::parameter>{};
    }

private:
    struct list {
        std::vector<detail::parameter> parameters;
        std::vector<std::shared_ptr<const void>> owners;
    };

    /// Copy on write: a request that was made before keeps what it was given.
    void make_own()
    {
        if (!values_)
            values_ = std::make_shared<list>();
        else if (values_.use_count() > 1)
            values_ = std::make_shared<list>(*values_);
    }

    std::shared_ptr<list> values_; ///< Null while empty.
};

} // namespace tusk
