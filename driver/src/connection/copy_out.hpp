#pragma once

#include "connection/copy_operation.hpp"

#include <tusk/driver/byte_writer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace tusk::detail {

struct copy_batch;
class copy_batch_operation;

/// COPY ... TO STDOUT: data in batches while it comes, with the back-pressure of a stream.
class copy_out_operation final : public copy_operation
{
public:
    /// @param describe  A query with the columns of the COPY; empty where their types are not needed.
    copy_out_operation(target where, std::string copy, std::string describe)
        : copy_operation{std::move(where), std::move(copy), std::move(describe)}
    {
    }

    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_data(std::span<const std::byte> run) override;
    bool settle(engine& at, char status) override;
    void lose(const std::string& reason, bool written) override;
    void discard() noexcept override;
    void let_go(engine& at) override;
    [[nodiscard]] std::chrono::milliseconds drain_time() const noexcept override;
    [[nodiscard]] bool keeps_lease() const noexcept override { return opened_ && !abandoned && !why; }

    // ---- For the operations of its reader.

    [[nodiscard]] bool has_news() const noexcept { return !arriving_.empty() || ended_; }
    /// Throws where somebody waits for a batch already.
    void check_reader() const;
    void wait(copy_batch_operation& with);
    void be_left(engine& at, const failure& because);
    /// Makes what has arrived the current batch.
    /// @returns False at the end.
    bool turn();
    [[nodiscard]] const std::shared_ptr<copy_batch>& batch() const noexcept { return batch_; }

private:
    void end(engine& at);
    void wake();
    void keep_failure();

    std::shared_ptr<copy_batch> batch_;
    byte_writer arriving_;
    request_ptr waiting_;
    failure failed_; ///< What went wrong after its handle was given out.
    bool opened_ = false;
    bool turned_ = false; ///< The first batch has been given out.
    bool ended_ = false;
};

/// Waits for the next batch of a COPY.
class copy_batch_operation final : public operation
{
public:
    copy_batch_operation(target where, request_ptr copy) noexcept : operation{std::move(where)}, copy_{std::move(copy)}
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "next batch of the COPY"; }
    void check(engine& /*at*/) override { copy().check_reader(); }
    bool join(engine& at) override;
    void leave(engine& at) override { copy().be_left(at, why); }
    void lose(const std::string& reason, bool written) override;
    staging stage(engine& /*at*/) override { return staging::finished; }

    [[nodiscard]] copy_out_operation& copy() const noexcept { return static_cast<copy_out_operation&>(*copy_); }

private:
    request_ptr copy_;
};

} // namespace tusk::detail
