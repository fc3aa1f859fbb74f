#pragma once

#include "connection/query.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tusk::detail {

class next_batch_operation;

/// A query whose rows are handed over in batches while they come.
///
/// Outside a transaction it is one Execute that holds the connection until the last row; when its reader lags behind,
/// nothing is read, and TCP holds the server back. Inside a transaction it is a portal that is fetched piece by piece:
/// leaving it early is then a Close, which the transaction survives, and other statements may run in between.
///
/// The rows that its reader looks at are in `data`; those that come meanwhile are in `arriving_`.
class stream_operation final : public query_operation
{
public:
    using query_operation::query_operation;

    /// Rows a fetch; 0 chooses so many that a batch takes about `usual_batch` bytes.
    void fetch(std::int32_t rows) noexcept { asked_rows_ = rows; }

    [[nodiscard]] std::string_view name() const noexcept override { return "stream"; }
    void check(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    bool settle(engine& at, char status) override;
    void lose(const std::string& reason, bool written) override;
    void discard() noexcept override;
    void let_go(engine& at) override;
    [[nodiscard]] std::chrono::milliseconds drain_time() const noexcept override;
    [[nodiscard]] bool keeps_lease() const noexcept override { return !is_portal() && !abandoned && !why; }

    // ---- For the operations that wait for its batches.

    /// There is something to say at once: rows, the end, or an error.
    [[nodiscard]] bool has_news() const noexcept { return arrived_bytes_ != 0 || ended_ || (is_portal() && bool{why}); }
    [[nodiscard]] bool has_rows() const noexcept { return arrived_bytes_ != 0; }
    [[nodiscard]] bool is_portal() const noexcept { return !portal_.empty(); }
    /// Throws where somebody waits for a batch already: a stream has one reader.
    void check_reader() const;
    void read_by(const next_batch_operation* which) noexcept { reader_ = which; }
    [[nodiscard]] const next_batch_operation* reader() const noexcept { return reader_; }
    void wait(next_batch_operation& with);
    void be_left(engine& at, const failure& because);
    /// Makes what has arrived the current batch.
    /// @returns False at the end.
    bool turn();
    void write_fetch(byte_writer& out) const;
    void portal_suspended() noexcept { ended_ = false; }
    void portal_ended(std::string_view tag);
    void fetch_failed(const failure& because);

    void keep_rows(const arrived_rows& run) override;
    [[nodiscard]] bool keeps_rows() const noexcept override { return false; }

protected:
    /// Rows are handed over as they come, so their types have to be known before the first one.
    [[nodiscard]] bool needs_no_types() const override { return false; }
    [[nodiscard]] bool can_run_unseen() const override { return false; }
    std::shared_ptr<const column_list>* columns_of_rows() override { return nullptr; }
    void write_execution(engine& at) override;
    void receive_tag(engine& at, std::string_view tag) override;
    void forget_rows() override;

private:
    void open_now(engine& at);
    void keep_failure();
    void wake();
    void end(engine& at);
    [[nodiscard]] std::int32_t next_fetch() const noexcept;

    std::unique_ptr<result_data> arriving_;
    std::size_t arrived_bytes_ = 0;
    request_ptr waiting_;
    const next_batch_operation* reader_ = nullptr;
    failure failed_; ///< What went wrong after its handle was given out: `next_batch` tells it, behind the rows.
    std::string portal_;
    std::int32_t asked_rows_ = 0;
    std::size_t seen_rows_ = 0;
    std::size_t seen_bytes_ = 0;
    bool opened_ = false; ///< Its handle was given out.
    bool ended_ = false;  ///< No more rows will come.
};

/// Waits for the next batch of a stream, and fetches it where the stream is a portal.
class next_batch_operation final : public operation
{
public:
    next_batch_operation(target where, request_ptr stream) noexcept
        : operation{std::move(where)}, stream_{std::move(stream)}
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "next batch of the stream"; }
    void check(engine& at) override;
    bool join(engine& at) override;
    void ended(engine& at) noexcept override;
    void leave(engine& at) override;
    void lose(const std::string& reason, bool written) override;
    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_rows(const arrived_rows& run) override { stream().keep_rows(run); }
    [[nodiscard]] bool keeps_rows() const noexcept override { return false; }
    bool settle(engine& at, char status) override;

    [[nodiscard]] stream_operation& stream() const noexcept { return static_cast<stream_operation&>(*stream_); }

private:
    request_ptr stream_;
};

} // namespace tusk::detail
