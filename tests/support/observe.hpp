#pragma once

#include "support/run.hpp"
#include "support/server.hpp"

#include <asio/awaitable.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

/// What can be seen from outside: the memory of this process, and what the server says that its sessions do.
namespace tusk::test {

/// Memory of this process that is in use now.
inline std::size_t resident_bytes()
{
    std::ifstream statm{"/proc/self/statm"};
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Sanitizers keep what was freed, so what the process uses says nothing under them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_tells = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool memory_tells = false;
#else
constexpr bool memory_tells = true;
#endif
#else
constexpr bool memory_tells = true;
#endif

/// The most that was in use since it was made, over what was in use then.
class memory_mark
{
public:
    void look()
    {
        const std::size_t now = resident_bytes();
        if (now > most_)
            most_ = now;
    }
    [[nodiscard]] std::size_t growth() const noexcept { return memory_tells ? most_ - begin_ : 0; }

private:
    std::size_t begin_ = resident_bytes();
    std::size_t most_ = begin_;
};

/// "active|ClientWrite", "idle|ClientRead"; empty when there is no such session.
inline std::string activity_of(std::int32_t backend)
{
    std::string said = server().run_sql(
        fmt::format("SELECT state, wait_event FROM pg_stat_activity WHERE pid = {} AND state IS NOT NULL", backend));
    while (said.ends_with('\n'))
        said.pop_back();
    return said;
}

/// Whether it comes true within the limit.
template <class Condition>
asio::awaitable<bool> eventually(Condition condition,
                                 std::chrono::steady_clock::duration limit = std::chrono::seconds{20})
{
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (condition())
            co_return true;
        if (std::chrono::steady_clock::now() > end)
            co_return false;
        co_await pause(std::chrono::milliseconds{5});
    }
}

} // namespace tusk::test
