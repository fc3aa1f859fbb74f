#pragma once

#include "connection/copy_operation.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/copy_access.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

/// COPY ... FROM STDIN, from its Parse to its one Sync.
///
/// The Sync comes behind CopyDone: one that the server reads in the middle of a COPY is ignored. Until then it is the
/// operation that writes, and nothing else of the connection is sent.
class copy_in_operation final : public copy_operation
{
public:
    /// @param describe  A query with the columns of the COPY; empty where their types are not needed.
    copy_in_operation(target where, std::string copy, std::string describe)
        : copy_operation{std::move(where), std::move(copy), std::move(describe)}
    {
    }

    staging stage(engine& at) override;
    bool stage_more(engine& at) override;
    [[nodiscard]] bool has_more() const noexcept override { return bool{flushing_}; }
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    bool settle(engine& at, char status) override;
    void lose(const std::string& reason, bool written) override;
    void discard() noexcept override;
    void let_go(engine& at) override;
    [[nodiscard]] std::chrono::milliseconds drain_time() const noexcept override;

    // ---- For the operations of its writer.

    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    /// Sends what is in `chunk`, a complete CopyData message, and completes `by` when enough of it is written.
    void send(engine& at, byte_writer chunk, request_ptr by);
    /// The same, and the end of the data; `by` is completed by the end of the COPY.
    void finish(engine& at, byte_writer chunk, request_ptr by);
    void be_left(engine& at, const failure& because);
    /// The memory of a chunk that was sent, for the next one. On the engine's executor only.
    byte_writer take_spare() noexcept { return std::exchange(spare_, byte_writer{}); }

    std::shared_ptr<const column_list> columns; ///< Null where their types were not asked for.

private:
    void receive_start(engine& at, const protocol::backend_message& message);
    void end(engine& at);
    void take_back_memory(engine& at) noexcept;

    std::vector<byte_writer> chunks_;
    byte_writer spare_;
    request_ptr flushing_;
    request_ptr finishing_;
    command_tag tag_;
    bool opened_ = false;
    bool done_ = false; ///< Its writer has given all the data.
    bool ended_ = false;
};

/// Hands a chunk of data, or the last one, to a COPY.
class copy_send_operation final : public operation
{
public:
    copy_send_operation(request_ptr copy, byte_writer chunk, bool last)
        : operation{copy->to}, copy_{std::move(copy)}, chunk_{std::move(chunk)}, last_{last}
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "COPY"; }
    void check(engine& /*at*/) override {}
    bool join(engine& at) override;
    void leave(engine& at) override { copy().be_left(at, why); }
    void lose(const std::string& reason, bool written) override;
    staging stage(engine& /*at*/) override { return staging::finished; }

private:
    [[nodiscard]] copy_in_operation& copy() const noexcept { return static_cast<copy_in_operation&>(*copy_); }

    request_ptr copy_;
    byte_writer chunk_;
    bool last_;
};

} // namespace tusk::detail
