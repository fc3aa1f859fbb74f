#pragma once

#include "unit_of_work/entity_store.hpp"

#include <tusk/orm/table_info.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/detail/observer.hpp>
#include <tusk/session/detail/use.hpp>
#include <tusk/session/session.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace tusk::orm::detail {

/// What a session of the ORM is made of: the SQL session, which knows the transaction, and the store of entities.
///
/// A verb does all of its work under one `session_use` of the SQL session, so that two callers at once are an error.
class session_state : public std::enable_shared_from_this<session_state>, private tusk::detail::session_observer
{
public:
    explicit session_state(tusk::session on);
    ~session_state() override;
    session_state(const session_state&) = delete;
    session_state& operator=(const session_state&) = delete;

    [[nodiscard]] tusk::session& sql() noexcept { return sql_; }
    [[nodiscard]] entity_store& store() noexcept { return *store_; }

    /// @throws usage_error  Somebody else uses the session.
    [[nodiscard]] tusk::detail::session_use use() const { return tusk::detail::session_access::use(sql_); }

    /// A statement about those tables would not see what the session has: autoflush is on, and an entity of one of them
    /// has changed.
    /// @throws tusk::encode_error  A changed value cannot be a value of its column.
    [[nodiscard]] bool must_flush(std::span<const table_info* const> tables);

    /// Sends what has changed.
    /// @throws pending_rollback  An earlier flush has failed.
    asio::awaitable<void> flush(tusk::detail::session_use& use) override;

    /// How many want no autoflush now.
    unsigned autoflush_is_off = 0;

private:
    void savepoint_begun(std::size_t depth) noexcept override;
    void savepoint_released(std::size_t depth) noexcept override;
    void savepoint_rolled_back(std::size_t depth) noexcept override;
    void transaction_ended(tusk::detail::transaction_end how) noexcept override;

    store_ptr store_ = entity_store::make();
    tusk::session sql_;
};

} // namespace tusk::orm::detail
