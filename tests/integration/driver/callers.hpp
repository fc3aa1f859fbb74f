#pragma once

#include "support/run.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace tusk::test {

/// What an exception says; empty for none.
inline std::string message_of(const std::exception_ptr& why)
{
    try {
        if (why)
            std::rethrow_exception(why);
    } catch (const std::exception& said) {
        return said.what();
    }
    return {};
}

template <class Expected>
bool is_a(const std::exception_ptr& why)
{
    try {
        if (why)
            std::rethrow_exception(why);
    } catch (const Expected&) {
        return true;
    } catch (const std::exception&) {
        return false;
    }
    return false;
}

// How a caller is to end.

inline auto succeeds()
{
    return [](const std::exception_ptr& why, const auto&) { EXPECT_EQ(message_of(why), ""); };
}

template <class T>
auto gives(T expected)
{
    return [expected = std::move(expected)](const std::exception_ptr& why, const T& value) {
        EXPECT_EQ(message_of(why), "");
        if (!why) {
            EXPECT_EQ(value, expected);
        }
    };
}

template <class Expected>
auto fails_with()
{
    return [](const std::exception_ptr& why, const auto&) {
        EXPECT_TRUE(is_a<Expected>(why)) << "it ended with: " << message_of(why);
    };
}

/// Callers that a test has spawned and then waits for.
class callers
{
public:
    /// @param check  Called once with what the verb threw and gave.
    /// @param slot   Cancels it.
    template <class T, class Check>
    void spawn(const asio::any_io_executor& executor, asio::awaitable<T> verb, Check check,
               asio::cancellation_slot slot = {})
    {
        ++started_;
        asio::co_spawn(executor, std::move(verb),
                       asio::bind_cancellation_slot(slot, [this, check](const std::exception_ptr& why, const T& value) {
                           ++ended_;
                           check(why, value);
                       }));
    }

    /// Waits for the last one.
    asio::awaitable<void> all()
    {
        const auto limit = std::chrono::steady_clock::now() + hang_limit / 2;
        while (ended_ < started_ && std::chrono::steady_clock::now() < limit)
            co_await pause(std::chrono::milliseconds{5});
        EXPECT_EQ(ended_, started_);
    }

    [[nodiscard]] int ended() const noexcept { return ended_; }

private:
    int started_ = 0;
    int ended_ = 0;
};

/// Keeps statements waiting in the server until it is opened, so that no test has to guess how long something takes.
class gate
{
public:
    static asio::awaitable<gate> shut()
    {
        connection keeper = co_await connect(server().url());
        const std::int32_t number = keeper.backend_pid();
        co_await keeper.execute("SELECT pg_advisory_lock($1)", number);
        co_return gate{std::move(keeper), number};
    }

    /// A statement that returns this number once the gate is open.
    [[nodiscard]] std::string wait_for(int answer) const
    {
        return fmt::format("SELECT {} FROM pg_advisory_xact_lock_shared({})", answer, number_);
    }

    asio::awaitable<void> open() { co_await keeper_.execute("SELECT pg_advisory_unlock($1)", number_); }

private:
    gate(connection keeper, std::int32_t number) : keeper_{std::move(keeper)}, number_{number} {}

    connection keeper_;
    std::int32_t number_;
};

} // namespace tusk::test
