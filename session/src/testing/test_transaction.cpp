#include <tusk/session/test_transaction.hpp>

#include "testing/test_engine.hpp"

#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/session/engine.hpp>

#include <utility>

namespace tusk {

namespace {

asio::awaitable<test_transaction> begin_on(std::shared_ptr<detail::engine_state> real, std::source_location who,
                                           test_transaction (*make)(std::shared_ptr<detail::engine_state>))
{
    pooled_connection lease = co_await real->connect(who);
    transaction root = co_await lease->begin();
    co_return make(std::make_shared<detail::test_engine>(std::move(real), std::move(lease), std::move(root)));
}

asio::awaitable<void> roll_back(std::shared_ptr<detail::engine_state> what)
{
    co_await static_cast<detail::test_engine&>(*what).roll_back();
}

void drop(const std::shared_ptr<detail::engine_state>& what) noexcept
{
    if (what)
        static_cast<detail::test_engine&>(*what).drop();
}

} // namespace

asio::awaitable<test_transaction> test_transaction::begin(const tusk::engine& on, std::source_location who)
{
    return begin_on(on.state(), who,
                    [](std::shared_ptr<detail::engine_state> bound) { return test_transaction{std::move(bound)}; });
}

test_transaction::test_transaction(std::shared_ptr<detail::engine_state> bound) noexcept : bound_{std::move(bound)} {}

test_transaction& test_transaction::operator=(test_transaction&& other) noexcept
{
    if (this != &other) {
        drop(bound_);
        bound_ = std::move(other.bound_);
    }
    return *this;
}

test_transaction::~test_transaction() { drop(bound_); }

const std::shared_ptr<detail::engine_state>& test_transaction::bound() const
{
    if (!bound_)
        throw usage_error{"this test_transaction object was moved from"};
    return bound_;
}

engine test_transaction::engine() const { return tusk::engine{bound()}; }

asio::awaitable<void> test_transaction::rollback() { return roll_back(bound()); }

} // namespace tusk
