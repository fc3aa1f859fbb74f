#pragma once

#include <atomic>
#include <cstdint>

namespace tusk::detail {

/// Which lease of a pool a connection is under, and whether anything was asked of the connection under it: one word, so
/// that a lease under which nothing happened can be ended from any thread, and a request that comes at that moment is
/// either seen or refused.
class lease_mark
{
public:
    /// 0 is the lender's own, and that of a connection that is nobody else's.
    [[nodiscard]] unsigned number() const noexcept { return number_of(word_.load(std::memory_order_relaxed)); }

    /// Something is asked of the connection. @return Whether that lease still lasts.
    bool use(unsigned lease) noexcept
    {
        if (lease == 0)
            return true;
        std::uint64_t now = word_.load(std::memory_order_relaxed);
        while (number_of(now) == lease) {
            if ((now & used) != 0 || word_.compare_exchange_weak(now, now | used, std::memory_order_acq_rel))
                return true;
        }
        return false;
    }

    /// Ends the lease, whatever was done under it.
    void end() noexcept { word_.store(after(number()), std::memory_order_release); }

    /// Ends it where nothing was. @return Whether it did.
    bool end_unused() noexcept
    {
        std::uint64_t now = word_.load(std::memory_order_relaxed);
        return (now & used) == 0 &&
               word_.compare_exchange_strong(now, after(number_of(now)), std::memory_order_acq_rel);
    }

private:
    static constexpr std::uint64_t used = 1;

    static unsigned number_of(std::uint64_t word) noexcept { return static_cast<unsigned>(word >> 1U); }
    static std::uint64_t after(unsigned lease) noexcept
    {
        const unsigned next = lease + 1;
        return std::uint64_t{next == 0 ? 1 : next} << 1U;
    }

    std::atomic<std::uint64_t> word_{0};
};

} // namespace tusk::detail
