#pragma once

#include <asio/awaitable.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <typeinfo>
#include <utility>

namespace tusk::test {

/// Awaits something that has to fail with an `E`, and gives the exception. Another exception goes on; none at all, or
/// one of a derived class where `exactly` is true, is a failure of the test.
template <class E, class T>
asio::awaitable<std::optional<E>> caught(asio::awaitable<T> operation, bool exactly = false)
{
    try {
        co_await std::move(operation);
    } catch (const E& expected) {
        if (exactly) {
            EXPECT_TRUE(typeid(expected) == typeid(E)) << "a derived class was thrown: " << expected.what();
        }
        co_return std::optional<E>{expected};
    }
    ADD_FAILURE() << "nothing was thrown";
    co_return std::nullopt;
}

/// What an optional exception says; empty where there is none, so that a test can go on after `caught` has failed.
template <class E>
std::string message_of(const std::optional<E>& error)
{
    return error ? error->what() : std::string{};
}

} // namespace tusk::test
