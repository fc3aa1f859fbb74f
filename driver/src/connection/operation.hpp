#pragma once

#include "connection/transaction_level.hpp"
#include "protocol/message.hpp"
#include "protocol/reply.hpp"

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/row_store.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::detail {

class engine;
class pipeline_parts;

/// Where an operation is on its way. `waiting` → `staged` (encoded; the stream offsets tell how much is written) →
/// `done`; or `abandoned`: its caller was released, its answer is still to be read and dropped. `joined`: it waits for
/// something that another operation, or the server by itself, brings about.
enum class phase : std::uint8_t { fresh, waiting, joined, staged, done };

/// What became of the attempt to stage an operation.
enum class staging : std::uint8_t {
    staged,   ///< Its flight is in the write buffer.
    begun,    ///< The beginning of it is; `stage_more` writes the rest.
    parked,   ///< Somebody else holds it and will queue it again.
    wait,     ///< Not before what is in flight is answered; it stays at the head of the queue.
    finished, ///< There is nothing to send: it is done.
};

/// The engine's side of a request: how it is put on the wire, and what it makes of the answer. One class a verb.
///
/// Every function is called on the engine's executor. One that throws fails the operation with what it threw.
class operation : public request
{
public:
    explicit operation(target where) noexcept : request{std::move(where)} {}

    /// What it is, for messages: "query", "commit".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Its SQL, where it has one; for observers.
    [[nodiscard]] virtual std::string_view sql() const noexcept { return {}; }

    /// Called once when it is handed in. Throws where it must not run.
    virtual void check(engine& at);

    /// Takes part in something that is under way instead of being queued: the next batch of an open stream.
    /// @returns True where it did; whatever it joined completes it.
    virtual bool join(engine& /*at*/) { return false; }

    /// The parts of a pipeline; null for everything else.
    virtual pipeline_parts* parts_of() noexcept { return nullptr; }

    /// It is over, whatever way it went.
    virtual void ended(engine& /*at*/) noexcept {}

    /// Its caller has been let go, wherever it was.
    virtual void released(engine& /*at*/) {}

    /// Its caller is gone while it was joined.
    virtual void leave(engine& /*at*/) {}

    /// Writes its next flight and declares the expected answer in `reply`.
    virtual staging stage(engine& at) = 0;

    /// Goes on with a flight that `stage` only began.
    /// @returns Whether the flight is complete.
    virtual bool stage_more(engine& /*at*/) { return true; }

    /// One message of the answer that means something.
    virtual void receive(engine& at, protocol::event what, const protocol::backend_message& message);

    virtual void receive_rows(const arrived_rows& run);
    /// Until it is done, and not only until somebody has looked at them.
    [[nodiscard]] virtual bool keeps_rows() const noexcept { return true; }

    /// The whole answer that each of its executions is likely to have, byte by byte, and has nothing to learn from.
    /// Empty where it is not known, or matters.
    [[nodiscard]] virtual std::span<const std::byte> usual_answer() const noexcept { return {}; }

    /// So many executions have been answered with it.
    virtual void receive_usual(std::size_t /*count*/) {}

    /// A run of CopyData messages.
    virtual void receive_data(std::span<const std::byte> /*run*/) {}

    /// ReadyForQuery came.
    /// @returns False where it has another flight to send.
    virtual bool settle(engine& at, char status);

    /// `stage_more` has something to write now, so that it is called again as soon as there is room.
    [[nodiscard]] virtual bool has_more() const noexcept { return true; }

    /// Its caller was cancelled before anything of it was sent.
    /// @returns Whether it leaves the queue; false where it must go on without its caller.
    virtual bool release_waiting() { return true; }

    /// It is answered, and what it opened still leases the connection: until its reader has seen the end, so that it is
    /// no matter of timing whether others may use the connection.
    [[nodiscard]] virtual bool keeps_lease() const noexcept { return false; }

    /// The handle of what it opened is gone.
    virtual void let_go(engine& /*at*/) {}

    /// The server may be asked to stop it. Not so the end of a transaction: a caller who gave up waiting for a COMMIT
    /// does not want it half-done.
    [[nodiscard]] virtual bool can_be_cancelled() const noexcept { return true; }

    /// How long its answer is read and dropped before the server is asked to stop it.
    [[nodiscard]] virtual std::chrono::milliseconds drain_time() const noexcept { return {}; }

    /// It tidies up behind a caller whose time may be up already.
    [[nodiscard]] virtual bool is_clean_up() const noexcept { return false; }

    /// What its caller is told when its deadline passes.
    [[nodiscard]] virtual failure out_of_time() const;

    /// The connection is gone before it was answered.
    /// @param reason   What happened to the connection.
    /// @param written  A byte of it may have reached the server.
    virtual void lose(const std::string& reason, bool written);

    /// The execution context is going away, and everybody's handler with it.
    virtual void discard() noexcept { drop_handler(); }

    /// Takes the server's refusal. The first one counts.
    void refuse(failure because);

    protocol::reply reply;
    phase progress = phase::fresh;
    bool abandoned = false;
    /// Of the answer to an execution only the rows, the tag and the status mean something to it.
    bool takes_whole_answers = false;
    /// Nothing is staged behind it before its ReadyForQuery: it moves the transaction state.
    bool closes_gate = false;
    /// The server's last refusal, whether it counted or not.
    std::shared_ptr<const error_fields> last_error;
    /// What an observer will be told; null where there is none.
    struct observation {
        std::chrono::steady_clock::time_point begun;
        std::size_t bytes = 0;
    };
    std::unique_ptr<observation> observed;
    /// Where its first flight begins in the stream of written bytes, once there is one.
    bool was_staged = false;
    std::uint64_t flight_begin = 0;
    /// When its caller is released; the largest value for never.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

    operation* next = nullptr; ///< The queue that it is in.

protected:
    /// Puts the Close of forgotten statements in front of its flight; whoever stages the flight clears the list.
    void stage_closes(engine& into);

    /// Puts what must start its transaction (BEGIN, SAVEPOINT) in front of its flight, under the same Sync.
    void stage_unsent_levels(engine& into)
    {
        if (to.level && to.level->now == transaction_level::state::unsent)
            stage_levels(into);
    }

    /// Puts a statement without parameters and rows into its flight.
    void stage_command(engine& into, std::string_view sql);

    /// The flight with those commands is complete and cannot fail to be sent any more.
    void levels_sent() noexcept
    {
        if (to.level)
            note_levels_sent();
    }

    /// One of those commands was answered.
    void level_started();

    /// What ReadyForQuery says about the transaction that this operation runs in.
    void note_transaction_status(char status)
    {
        if (to.level)
            note_level_status(status);
    }

    /// Throws where nothing can run in its transaction any more.
    void check_level_usable() const
    {
        if (to.level && !to.level->usable())
            fail_level();
    }

    /// The server's words; `last_error` keeps them.
    [[nodiscard]] failure server_failure(const protocol::backend_message& message, std::string_view sql);

private:
    // What the above do inside a transaction.
    void stage_levels(engine& into);
    void note_levels_sent() noexcept;
    void note_level_status(char status);
    [[noreturn, gnu::cold]] void fail_level() const;
};

/// Every request that an engine is given is an operation.
inline operation& as_operation(const request_ptr& what) noexcept { return static_cast<operation&>(*what); }

} // namespace tusk::detail
