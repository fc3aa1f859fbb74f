#pragma once

#include "engine/engine_state.hpp"
#include "session/settings.hpp"

#include <tusk/driver/failure.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/pool/pooled_connection.hpp>
#include <tusk/session/detail/observer.hpp>
#include <tusk/session/savepoint.hpp>

#include <any>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tusk::detail {

/// Held while a session of a test has its turn.
class test_turn
{
public:
    test_turn() = default;
    test_turn(std::shared_ptr<void> of, void (*pass)(void*) noexcept) noexcept : of_{std::move(of)}, end_{pass} {}
    test_turn(test_turn&& other) noexcept : of_{std::move(other.of_)}, end_{other.end_} {}
    test_turn& operator=(test_turn&& other) noexcept
    {
        if (this != &other) {
            end();
            of_ = std::move(other.of_);
            end_ = other.end_;
        }
        return *this;
    }
    ~test_turn() { end(); }

    void end() noexcept
    {
        if (const std::shared_ptr<void> gone = std::move(of_))
            end_(gone.get());
    }

private:
    std::shared_ptr<void> of_;
    void (*end_)(void*) noexcept = nullptr;
};

/// Shared by a savepoint and its handle.
struct savepoint_mark {
    std::atomic<bool> is_abandoned{false};
};

/// What a session, its savepoints and its callers share.
///
/// Everything but `is_open`, `enter` and `close` belongs to whoever uses the session (`session_use`).
class session_state : public std::enable_shared_from_this<session_state>
{
public:
    explicit session_state(std::shared_ptr<engine_state> on) noexcept : engine_{std::move(on)} {}

    // ---- Who uses it (use.cpp).

    /// @throws usage_error  Somebody uses it, or it was closed.
    void enter();
    void leave() noexcept;
    /// Its session object is gone: what is open is rolled back, now or by its last user.
    void close() noexcept;
    /// A savepoint's handle is gone; if it was not finished, it is rolled back to, now or by whoever uses the session.
    void abandon(savepoint_mark& which) noexcept;
    [[nodiscard]] bool is_open() const noexcept { return open_.load(std::memory_order_acquire); }

    // ---- Its transaction (session_state.cpp).

    /// The wishes were met.
    void opened(pooled_connection lease, transaction begun);
    void opened(test_turn turn, connection& at, transaction begun);
    /// It has ended on the server, or will: connection or turn are given back, and whoever wants to know is told.
    void finish(transaction_end how);

    /// Where all of it goes, and where its innermost level goes.
    [[nodiscard]] const target& whole() const;
    [[nodiscard]] const target& where() const;
    [[nodiscard]] transaction& innermost() const;
    /// The connection, until `finish`.
    [[nodiscard]] tusk::connection& link() const noexcept { return *link_; }

    /// @throws pending_rollback  Nothing can run in it any more.
    void require_sound() const;
    void note(failure failed) noexcept;
    /// ... whatever it was that failed.
    void fail(failure failed) noexcept;
    /// What broke off without the server's word, so that whether it was done is not known; empty where nothing did.
    [[nodiscard]] failure interruption() const;

    // ---- Savepoints (savepoint.cpp).

    [[nodiscard]] std::size_t depth() const noexcept { return levels_.empty() ? 0 : levels_.size() - 1; }
    [[nodiscard]] savepoint nest(transaction begun);
    /// @throws usage_error  It has ended.
    [[nodiscard]] std::size_t find(const savepoint_mark& which) const;
    [[nodiscard]] bool has(const savepoint_mark& which) const noexcept;
    [[nodiscard]] const target& savepoint_at(std::size_t depth) const;
    [[nodiscard]] failure interruption_in(std::size_t depth) const;
    void released(std::size_t depth) noexcept;
    void rolled_back_to(std::size_t depth) noexcept;

    // ---- What is known of it.

    [[nodiscard]] engine_state& engine() const noexcept { return *engine_; }
    [[nodiscard]] transaction_wishes& wishes() noexcept { return wishes_; }
    [[nodiscard]] session_observer* observer() const noexcept { return observer_; }
    void observe(session_observer* by) noexcept { observer_ = by; }
    [[nodiscard]] bool has_begun() const noexcept { return begun_ || is_open(); }
    void begin() noexcept { begun_ = true; }
    /// Parameters that were set in a way that the end of a savepoint does not undo.
    [[nodiscard]] std::vector<std::string>& names_set() noexcept { return names_set_; }
    [[nodiscard]] std::unordered_map<std::string, std::any>& info() noexcept { return info_; }
    /// It is read-only: its end undoes what it is, and there is nothing else to keep.
    void keep_nothing(bool whether) noexcept { keeps_nothing_ = whether; }
    [[nodiscard]] bool keeps_nothing() const noexcept { return keeps_nothing_; }
    void call_after_commit(std::function<void()> what);
    void call_after_rollback(std::function<void()> what);

private:
    /// The transaction, or a savepoint in it.
    struct level {
        transaction handle;
        std::shared_ptr<savepoint_mark> mark; ///< Null for the transaction.
        failure interruption;
    };
    struct call {
        std::function<void()> what;
        std::size_t depth;
    };

    void entered_transaction(transaction begun);
    void drop_levels(std::size_t down_to) noexcept;
    void give_up() noexcept;
    void end_for_good() noexcept;
    void end_abandoned() noexcept;
    void try_to_end_abandoned() noexcept;

    static constexpr unsigned in_use = 1;
    static constexpr unsigned closed = 2;
    std::atomic<unsigned> use_{0};
    std::atomic<bool> open_{false};
    std::atomic<bool> has_abandoned_{false}; ///< Some savepoint's handle is gone.

    std::shared_ptr<engine_state> engine_;
    pooled_connection lease_;
    test_turn turn_;
    tusk::connection* link_ = nullptr;
    std::vector<level> levels_; ///< The transaction first.
    bool begun_ = false;
    bool keeps_nothing_ = false;
    transaction_wishes wishes_;
    std::vector<std::string> names_set_;
    session_observer* observer_ = nullptr;
    std::vector<call> after_commit_;
    std::vector<std::function<void()>> after_rollback_;
    std::unordered_map<std::string, std::any> info_;
};

} // namespace tusk::detail
