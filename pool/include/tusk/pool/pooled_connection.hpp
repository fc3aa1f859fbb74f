#pragma once

#include <tusk/driver/connection.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace tusk {

namespace detail {
class pool_state;
struct pool_place;
} // namespace detail

/// A connection that goes back to its pool when this goes out of scope, clean or not: what was left open is rolled back
/// and put in order by the pool, behind the scenes.
///
/// Requests, transactions and shared handles that were made with it die with it.
///
/// @par Lifetime       It may outlive its pool; the connection is closed then when it is released. Destroying it
/// neither
///                     blocks nor throws.
/// @par Thread safety  One thread at a time; which one does not matter (`pool_options::thread_safe`).
class pooled_connection
{
public:
    /// None.
    pooled_connection() = default;
    pooled_connection(pooled_connection&& other) noexcept;
    pooled_connection& operator=(pooled_connection&& other) noexcept;
    ~pooled_connection();

    [[nodiscard]] connection* operator->() noexcept { return &*handle_; }
    [[nodiscard]] connection& operator*() noexcept { return *handle_; }
    [[nodiscard]] explicit operator bool() const noexcept { return handle_.has_value(); }

    /// Gives it back now.
    void release() noexcept;

    /// Gives it back and has it closed: its user knows that it is of no more use.
    void discard() noexcept;

private:
    friend class detail::pool_state;

    pooled_connection(std::shared_ptr<detail::pool_state> from, detail::pool_place& place, connection handle) noexcept
        : pool_{std::move(from)}, place_{&place}, handle_{std::move(handle)}
    {
    }

    std::shared_ptr<detail::pool_state> pool_;
    detail::pool_place* place_ = nullptr;
    std::optional<connection> handle_;
};

} // namespace tusk
