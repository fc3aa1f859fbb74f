#pragma once

#include "unit_of_work/entity_prototype.hpp"
#include "unit_of_work/entity_store.hpp"
#include "unit_of_work/undo_log.hpp"

#include <tusk/orm/table_info.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/detail/observer.hpp>
#include <tusk/session/detail/use.hpp>
#include <tusk/session/session.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
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
    [[nodiscard]] undo_log& log() noexcept { return log_; }

    /// @throws usage_error       Somebody else uses the session.
    /// @throws pending_rollback  What the last COMMIT did is not known.
    [[nodiscard]] tusk::detail::session_use use() const;

    /// A statement about those tables would not see what the session has: autoflush is on, and an entity of one of them
    /// has changed.
    /// @throws tusk::encode_error  A changed value cannot be a value of its column.
    [[nodiscard]] bool must_flush(std::span<const table_info* const> tables);

    /// Sends what has changed.
    /// @throws pending_rollback  An earlier flush has failed.
    asio::awaitable<void> flush(tusk::detail::session_use& use) override;

    /// The session object is gone: entities keep their values, and belong to no session.
    void close() noexcept;

    /// How many want no autoflush now.
    unsigned autoflush_is_off = 0;

    /// What the program wants to be told of, for as long as the session lives.
    struct hooks {
        std::vector<std::function<void()>> before_flush;
        std::vector<std::function<void()>> after_flush;
        std::vector<std::function<void()>> after_commit;
        std::vector<std::function<void()>> after_rollback;
    };
    hooks told;

private:
    asio::awaitable<bool> flush_once(const tusk::detail::session_use& use);

    void savepoint_begun(std::size_t depth) noexcept override;
    void savepoint_released(std::size_t depth) noexcept override;
    void savepoint_rolled_back(std::size_t depth) noexcept override;
    void transaction_ended(tusk::detail::transaction_end how) noexcept override;
    void roll_back_to(undo_log::mark to) noexcept;
    void let_everything_go();

    store_ptr store_ = entity_store::make();
    undo_log log_;
    prototypes prototypes_;
    std::vector<undo_log::mark> savepoints_; ///< By depth, from 1.
    bool is_flushing_ = false;
    bool is_outcome_unknown_ = false; ///< Of the last COMMIT; until a rollback says that the program has seen it.
    bool is_closed_ = false;
    tusk::session sql_;
};

} // namespace tusk::orm::detail
