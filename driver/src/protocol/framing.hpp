#pragma once

#include "protocol/message.hpp"

#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/detail/shared_block.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tusk::protocol {

/// All that answers one execution: BindComplete, rows, CommandComplete, and behind the last of its flight
/// ReadyForQuery.
struct execution_answer {
    std::span<const std::byte> rows; ///< DataRow messages as they came; empty where there are none.
    backend_message complete;
    backend_message ready;
};

/// Cuts the stream from the server into messages.
///
/// One growing region, compacted rather than circular, so that every message is contiguous. It grows as bytes
/// arrive, never on the word of a length that the peer sent.
///
/// Others may hold the region, for rows that they keep where they arrived. Then reading goes on behind them, and in a
/// new region where that one is full.
class framing
{
public:
    /// @param max_message_size  Longer messages are a `protocol_error`, in bytes without the type byte.
    explicit framing(std::size_t max_message_size);

    /// A start-up phase trusts less: the limit can be changed between messages.
    void limit(std::size_t max_message_size) noexcept { limit_ = max_message_size; }

    /// Where the next read goes; at least a few kilobytes. Views from before are void, but in a region that others
    /// hold.
    std::span<std::byte> prepare();

    /// Says how many bytes the read put there.
    void commit(std::size_t count) noexcept;

    /// The next complete message, if there is one.
    /// @throws protocol_error  Its length is absurd.
    std::optional<backend_message> next()
    {
        const std::size_t size = message_size_at(begin_);
        if (size == 0 || end_ - begin_ < size)
            return std::nullopt;
        const std::byte* start = region_.data() + begin_;
        begin_ += size;
        return backend_message{static_cast<char>(*start), {start + header_size, size - header_size}};
    }

    /// The rest of a run of messages that have the type just returned by `next()`: every further complete one that
    /// follows at once, as raw bytes with type and length. Rows are handed over in such runs, not one by one.
    std::span<const std::byte> run_from(const backend_message& first);

    /// Takes the next messages together, where they are such an answer and all of it is there.
    /// @param is_last  ReadyForQuery is part of it; otherwise `ready` stays as it is.
    /// @returns        Whether it did; else everything is as it was, and the messages are taken one by one.
    bool next_execution(execution_answer& into, bool is_last);

    /// Takes what comes next as long as it is the same as these bytes, which are complete messages, over and over.
    /// @returns How often it was, at most so many times.
    std::size_t take_repeated(std::span<const std::byte> same, std::size_t most) noexcept;

    /// What the messages lie in.
    [[nodiscard]] const detail::shared_block& region() const noexcept { return region_; }

    /// Whether large regions pay: whoever holds them keeps all that arrives.
    void expect_to_be_kept(bool kept) noexcept { is_kept_ = kept; }

    /// Between two answers: gives back the memory that a large one needed. Views from before are void.
    void rest() noexcept;

    /// What has arrived and not been taken.
    [[nodiscard]] std::size_t unread() const noexcept { return end_ - begin_; }

private:
    static constexpr std::size_t header_size = 5;

    /// The total size of the message at `position`, or 0 while its header is not complete.
    [[nodiscard]] std::size_t message_size_at(std::size_t position) const
    {
        if (end_ - position < header_size)
            return 0;
        const auto length = detail::load_big_endian<std::uint32_t>(region_.data() + position + 1);
        if (length < 4 || length > limit_) [[unlikely]]
            fail_length(position, length);
        return std::size_t{length} + 1;
    }
    /// Behind the complete messages of that type which follow each other from `position` on.
    [[nodiscard]] std::size_t end_of_run(std::size_t position, std::byte type) const;
    /// The complete message at `position`; false where it is not there, or of another type.
    bool message_at(std::size_t position, char type, backend_message& into) const;
    [[noreturn, gnu::cold]] void fail_length(std::size_t position, std::uint32_t length) const;
    /// All that had arrived was taken.
    void start_over();
    /// What was not taken goes along.
    void move_to_new_region(std::size_t size);

    detail::shared_block region_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t limit_;
    bool filled_ = false;  ///< The last read used all the room it was given: the next one gets more.
    bool is_kept_ = false; ///< Those who hold the region will not let go of it soon.
};

} // namespace tusk::protocol
