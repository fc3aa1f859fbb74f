#pragma once

#include "connection/alarm_clock.hpp"
#include "connection/lease_mark.hpp"
#include "connection/notification_inbox.hpp"
#include "connection/operation.hpp"
#include "connection/operation_queue.hpp"
#include "connection/shared_knowledge.hpp"
#include "connection/statement_cache.hpp"
#include "connection/transaction_level.hpp"
#include "protocol/framing.hpp"
#include "protocol/startup.hpp"
#include "transport/reopen.hpp"
#include "transport/stream.hpp"
#include "types/type_catalog.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>
#include <tusk/driver/detail/lending.hpp>
#include <tusk/driver/detail/request.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/error_code.hpp>
#include <asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// The machine behind a connection: a queue of operations, one read loop and one write loop made of plain handlers.
///
/// Operations are encoded into the write buffer, sent together, and answered in order. A read is armed while anything
/// is pending, so both directions always make progress and an idle connection keeps no execution context alive.
/// The engine is shared by its handles and by the I/O in progress; no caller's cancellation ever reaches its I/O.
///
/// All of it runs on the executor that it was given; `submit` and `cancel` get there from anywhere.
///
/// What every query runs through, here and in the files around it, is marked `[[gnu::hot]]`, and what hardly ever
/// happens beside it `[[gnu::cold]]`, so that the linker lays the former out side by side: between two queries others
/// have used the caches, and fetching the code again is a good part of what a query costs (bench/README.md).
class engine final : public transport::io_sink, public std::enable_shared_from_this<engine>
{
public:
    /// @param stream   Connected and authenticated.
    /// @param input    What has been received and not been consumed.
    /// @param session  What the start-up told.
    /// @param reopen   Opens another stream to the same server, for a CancelRequest; empty: nothing can be cancelled.
    engine(asio::any_io_executor executor, std::unique_ptr<transport::stream> stream, protocol::framing input,
           protocol::session_facts session, const connect_options& options, transport::reopen reopen);
    ~engine() override;

    /// The first handle to it.
    /// @param place  Host, database and role.
    connection make_connection(std::string place);

    // ---- For handles.

    void submit(request_ptr what);
    /// Gives a caller the answer from its own executor, without a look at the engine.
    static void post_to_caller(request_ptr what);
    void cancel(const request_ptr& what);
    /// Callers run on another executor than the engine.
    void note_foreign_caller() noexcept { has_foreign_callers_.store(true, std::memory_order_relaxed); }
    void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
    void drop_handle() noexcept;
    /// @throws usage_error  That lease has ended, or something holds the connection.
    void add_share(unsigned lease);
    void drop_share() noexcept;
    /// A transaction's handle is gone: whatever is left of it is rolled back.
    void drop_level(std::shared_ptr<transaction_level> level) noexcept;
    /// The handle of something open (a stream, a COPY) is gone: its operation is told to `let_go`.
    void drop_open(request_ptr what) noexcept;

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
    [[nodiscard]] bool is_open() const noexcept { return state_ == state::open; }
    [[nodiscard]] char status() const noexcept { return status_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int32_t backend_pid() const noexcept { return session_.backend_pid; }
    [[nodiscard]] std::string parameter(std::string_view name) const;

    // ---- For a pool that lends it (engine_lending.cpp, tusk/driver/detail/lending.hpp).

    static const std::shared_ptr<engine>& of(const connection& handle) noexcept { return handle.at_.connection; }
    connection lend();
    [[nodiscard]] lease_mark& lease() noexcept { return lease_; }
    lent_state take_back(reset_policy policy);
    bool take_back_unused(reset_policy policy) noexcept;
    void share(shared_knowledge& with);
    bool poll_alive();
    void drop(const std::string& reason);
    void close_now() noexcept;
    void submit_for_lender(request_ptr what);
    [[nodiscard]] bool was_told_to_close() const noexcept { return told_to_close_; }
    [[nodiscard]] bool was_refused_by_standby() const noexcept { return refused_by_standby_; }
    /// Something of the session, not of a transaction, may have been changed.
    void touch_session() noexcept { session_touched_ = true; }
    [[nodiscard]] bool is_session_touched() const noexcept { return session_touched_; }
    void session_was_reset() noexcept
    {
        session_touched_ = false;
        inbox_.clear();
    }

    // ---- For operations.

    [[nodiscard]] byte_writer& out() noexcept { return out_; }
    [[nodiscard]] statement_cache& statements() noexcept { return statements_; }
    [[nodiscard]] types::type_catalog& types() noexcept { return types_; }
    /// What the connections of its pool tell each other of parameters. Null where there is no pool, and where the
    /// session is not as it began: under another search_path or role the same text means something else.
    [[nodiscard]] parameter_guesses* guesses() const noexcept
    {
        return knowledge_ && !session_touched_ ? &knowledge_->guesses : nullptr;
    }
    /// A command has ended; types and tables may be others than they were.
    void note_command(std::string_view tag);
    /// A proxy hands the session to others after every transaction.
    [[nodiscard]] bool has_proxy() const noexcept { return has_proxy_; }
    [[nodiscard]] bool has_in_flight() const noexcept { return !in_flight_.empty(); }
    [[nodiscard]] const std::shared_ptr<transaction_level>& top_level() const noexcept { return top_; }
    [[nodiscard]] bool is_shared() const noexcept { return shares_.load(std::memory_order_relaxed) != 0; }
    void enter_level(std::shared_ptr<transaction_level> level) { top_ = std::move(level); }
    void leave_level(transaction_level& level);
    /// Throws unless an operation of that level may run now.
    void check_level(const transaction_level* level) const;
    /// The same, whatever is open inside it.
    void check_level_open(const transaction_level& level) const;
    /// Throws where an open stream or COPY holds the connection.
    void check_holder() const;
    /// An open stream or COPY: until it lets go, nothing else runs.
    void take_lease(operation& holder) noexcept { holder_ = &holder; }
    void end_lease(const operation& holder) noexcept
    {
        if (holder_ == &holder)
            holder_ = nullptr;
    }
    [[nodiscard]] std::string next_portal_name() { return "tusk_p" + std::to_string(++portals_named_); }
    [[nodiscard]] notification_inbox& inbox() noexcept { return inbox_; }
    /// A pipeline is under way, whose parts may still be to come.
    void begin_pipeline(request_ptr which) noexcept { pipelines_.push_back(std::move(which)); }
    void end_pipeline(const operation& which);
    [[nodiscard]] bool has_pipelines() const noexcept { return !pipelines_.empty(); }

    /// Queues an operation that no caller handed in; nobody hears of its end.
    void enqueue(request_ptr what);
    /// Queues operations ahead of everything that waits, in their order.
    void enqueue_first(operation_queue& which) noexcept { waiting_.splice_front(which); }
    /// An operation that is not in a queue is done: its caller gets the answer.
    void complete(request_ptr what) { finish(std::move(what)); }
    /// Gives its caller the answer although the operation goes on.
    void complete_early(request_ptr what);
    /// The operation may have more of its flight to write, if it is the one that is writing.
    void write_more_of(const operation& what)
    {
        if (writer_ == &what)
            write_more();
    }
    /// What has been staged goes out, together with what else is staged in this turn of the executor.
    void flush_later()
    {
        if (!in_handler_)
            flush_soon();
    }
    /// What has been staged goes out without waiting for what else is staged in this turn.
    /// @returns Whether all of it went. Then the operation that is writing is asked for more in the next turn.
    bool flush_now()
    {
        flush();
        return unwritten() == 0;
    }
    /// What has been staged and not been given to the operating system, in bytes.
    [[nodiscard]] std::size_t unwritten() const noexcept { return out_.size() + sending_.size() - sent_; }
    /// Whether the socket was full, and the rest of a write waits for it.
    [[nodiscard]] bool is_writing() const noexcept { return writing_; }
    /// Lets go of an operation's caller: it is told why, and the server, where that hits nobody else.
    void release(const request_ptr& what, failure why);
    /// Back-pressure: nothing is read while the reader of a stream lags behind.
    void hold_reading(bool held);
    /// Drops what the server is doing for this operation, which nobody waits for any more.
    void abandon(operation& what);
    /// Queues what was parked again, ahead of everything else: a statement that it may have waited for is there.
    void unpark() noexcept { waiting_.splice_front(parked_); }
    /// Answers a COPY that nobody can feed, so that the server goes on. Without a second Sync it never would: a Sync
    /// that it reads in the middle of a COPY is ignored.
    void refuse_copy_in(operation& by, bool extended);
    /// The close operation has said Terminate: only the end of the stream is still to come.
    void hang_up();

    /// The session cannot be brought back into a known state: it is dropped.
    void fail(const std::string& reason);

    // ---- For the transport.

    void on_read(const asio::error_code& error, std::size_t count) override;
    void on_written(const asio::error_code& error, std::size_t count) override;
    void on_discarded() noexcept override;

private:
    enum class state : std::uint8_t { open, closing, closed };
    class handler_scope;

    [[nodiscard]] bool may_run(operation& given);
    [[gnu::cold]] void be_too_late(const request_ptr& what);
    void pump();
    bool stage_next();
    void write_more();
    void go_on(bool was_idle);
    void flush();
    void flush_soon();
    void write_soon();
    void arm_read();
    void process_all();
    void process();
    bool take_whole_answer();
    void note_refusal(const operation& by);
    void receive(operation& to, const protocol::backend_message& message);
    /// Many executions of one statement mostly have the same answer: what is there of it is taken at once.
    void receive_usual(operation& to);
    void receive_unasked(const protocol::backend_message& message);
    void note_parameter(const protocol::backend_message& message);
    void settle_front(const protocol::backend_message& message);
    void finish(request_ptr what);
    void deliver_completed();
    void post_delivery(request_ptr what);
    /// A byte of it may have reached the server.
    [[nodiscard]] bool was_written(const operation& what) const noexcept
    {
        return what.was_staged && written_total_ > what.flight_begin;
    }
    [[nodiscard]] std::uint64_t end_of_staged() const noexcept { return written_total_ + unwritten(); }

    // Letting go of callers, and what the server is to hear of it.
    bool set_deadline(operation& what);
    void keep_deadline(operation& what);
    void forget_deadline(operation& what) noexcept
    {
        if (what.deadline != alarm_clock::clock::time_point::max())
            deadlines_.forget(what, std::exchange(what.deadline, alarm_clock::clock::time_point::max()));
    }
    void ring();
    void expire(operation& what);
    /// Where nobody waits any more for anything that is in flight.
    void consider_recovery();
    [[gnu::cold]] void begin_recovery();
    void start_cancel();
    void end_recovery();
    void send_cancel_behind() noexcept;

    void observe_start(operation& what);
    void observe_end(operation& what);
    void observe_notice(const protocol::backend_message& message);
    void observe_close();

    [[gnu::cold]] void write_rest(std::size_t sent, const asio::error_code& error);
    void fail_write(const asio::error_code& error);
    void fail_after_patience(std::string reason);
    void shut();
    void let_go_of_context() noexcept;
    void abandon_level(const std::shared_ptr<transaction_level>& level);
    template <class Function>
    void run_at_home(Function&& function) noexcept;

    asio::any_io_executor executor_;
    std::unique_ptr<transport::stream> stream_;
    protocol::framing input_;
    protocol::session_facts session_;
    /// It gives the session away at the first ReadyForQuery that it knows of no Sync behind, with whatever was written
    /// since then (seen with PgBouncer 1.18): so nothing is written while an answer is to come.
    const bool has_proxy_;
    statement_cache statements_;
    types::type_catalog types_;
    std::string place_;
    std::shared_ptr<database_knowledge> knowledge_;

    byte_writer out_;     ///< Staged and not yet given to the transport.
    byte_writer sending_; ///< The transport is writing from it.
    std::size_t sent_ = 0;
    std::uint64_t written_total_ = 0;
    std::uint64_t portals_named_ = 0;

    operation_queue waiting_;
    operation_queue parked_;    ///< Waiting for a statement that another operation prepares.
    operation_queue pipelines_; ///< Under way; their parts are in the other queues.
    operation_queue in_flight_;
    operation_queue completed_;
    std::vector<request_ptr> completed_early_;
    const operation* gate_ = nullptr; ///< While it is in flight, nothing is staged.
    operation* writer_ = nullptr;     ///< Its flight is not complete: nothing else is staged.
    operation* holder_ = nullptr;     ///< The stream or COPY that leases the connection.

    std::shared_ptr<connection_observer> observer_;
    alarm_clock deadlines_;
    notification_inbox inbox_;
    transport::reopen reopen_;
    std::chrono::milliseconds cancel_grace_;
    std::chrono::milliseconds command_timeout_;
    std::unique_ptr<asio::steady_timer> grace_; ///< Set while a cancelled statement is waited for.
    std::unique_ptr<asio::steady_timer> drain_; ///< … and before the server is asked to cancel it.
    std::uint64_t recovery_ = 0;                ///< Which one, so that what comes late is told apart.
    bool recovering_ = false;                   ///< Nothing is staged meanwhile.
    bool cancel_on_its_way_ = false;            ///< Until the other socket's end of stream.
    bool recovered_ = false;                    ///< What was in flight first has been answered.

    std::shared_ptr<transaction_level> top_; ///< The innermost open transaction: it holds the lease.
    std::string reason_;                     ///< Why it is closed, for later callers.
    std::unique_ptr<asio::steady_timer> patience_;
    std::atomic<unsigned> handles_{0};
    std::atomic<unsigned> shares_{0};
    std::atomic<bool> has_foreign_callers_{false};

    lease_mark lease_;
    bool session_touched_ = false;
    bool refused_by_standby_ = false;
    bool told_to_close_ = false;
    // Handles read these two on whatever thread their caller runs.
    std::atomic<state> state_ = state::open;
    std::atomic<char> status_;
    bool reading_ = false;
    bool writing_ = false;
    bool write_broken_ = false;
    bool in_handler_ = false;
    bool flush_posted_ = false; ///< A turn will write what is staged by then.
    bool more_posted_ = false;  ///< A turn will ask the operation that is writing for more.
    bool reading_held_ = false;
};

} // namespace tusk::detail
