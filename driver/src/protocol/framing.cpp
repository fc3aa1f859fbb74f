#include "protocol/framing.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tusk::protocol {

namespace {

constexpr std::size_t initial_capacity = 16 * 1024;
constexpr std::size_t smallest_read = 4 * 1024;
constexpr std::size_t usual_capacity = 256 * 1024;
/// For results that keep what arrives: a block that the kernel can map at once.
constexpr std::size_t largest_kept = 2048 * 1024;

} // namespace

framing::framing(std::size_t max_message_size) : region_{initial_capacity}, limit_{max_message_size} {}

[[gnu::hot]] std::span<std::byte> framing::prepare()
{
    if (begin_ == end_)
        start_over();
    const std::size_t unread = end_ - begin_;
    const std::size_t capacity = region_.capacity();
    std::size_t wanted = capacity;
    if (filled_ && capacity < usual_capacity)
        wanted = capacity * 2;
    if (wanted - unread < smallest_read)
        wanted = std::max(wanted, unread) * 2;
    if (wanted > capacity) {
        move_to_new_region(wanted);
    } else if (!region_.is_alone()) {
        if (capacity - end_ < std::max(smallest_read, capacity / 16))
            move_to_new_region(std::max(unread * 2, is_kept_ ? std::min(capacity * 2, largest_kept) : usual_capacity));
    } else if (begin_ != 0 && capacity - end_ < capacity / 2) {
        std::memmove(region_.data(), region_.data() + begin_, unread);
        begin_ = 0;
        end_ = unread;
    }
    filled_ = false;
    return {region_.data() + end_, region_.capacity() - end_};
}

[[gnu::hot]] void framing::start_over()
{
    if (region_ && !region_.is_alone())
        return;
    begin_ = end_ = 0;
    // A large message is gone: so is the memory that it needed.
    if (!region_ || region_.capacity() > usual_capacity)
        region_ = detail::shared_block{usual_capacity};
}

void framing::move_to_new_region(std::size_t size)
{
    const std::size_t unread = end_ - begin_;
    detail::shared_block moved{size};
    if (unread != 0)
        std::memcpy(moved.data(), region_.data() + begin_, unread);
    region_ = std::move(moved);
    begin_ = 0;
    end_ = unread;
}

[[gnu::hot]] void framing::rest() noexcept
{
    is_kept_ = false;
    if (begin_ != end_ || !region_ || region_.capacity() <= usual_capacity)
        return;
    region_ = {};
    begin_ = end_ = 0;
}

[[gnu::hot]] void framing::commit(std::size_t count) noexcept
{
    end_ += count;
    filled_ = end_ == region_.capacity();
}

void framing::fail_length(std::size_t position, std::uint32_t length) const
{
    throw protocol_error{fmt::format("the server sent a message of type 0x{:02x} with length {}; between 4 and {} are "
                                     "accepted here, so the connection is closed",
                                     std::to_integer<unsigned>(region_.data()[position]), length, limit_)};
}

[[gnu::hot]] std::size_t framing::end_of_run(std::size_t position, std::byte type) const
{
    // In a variable of its own: through members it would be found anew for each message.
    const std::byte* const data = region_.data();
    while (end_ - position >= header_size && data[position] == type) {
        const auto length = detail::load_big_endian<std::uint32_t>(data + position + 1);
        if (length < sizeof length || length > limit_) [[unlikely]]
            fail_length(position, length);
        if (end_ - position <= length)
            break;
        position += std::size_t{length} + 1;
    }
    return position;
}

[[gnu::hot]] std::span<const std::byte> framing::run_from(const backend_message& first)
{
    begin_ = end_of_run(begin_, static_cast<std::byte>(first.type));
    return {first.body.data() - header_size, region_.data() + begin_};
}

[[gnu::hot]] bool framing::message_at(std::size_t position, char type, backend_message& into) const
{
    if (end_ - position < header_size || region_.data()[position] != static_cast<std::byte>(type))
        return false;
    const std::size_t size = message_size_at(position);
    if (end_ - position < size)
        return false;
    into = {type, {region_.data() + position + header_size, size - header_size}};
    return true;
}

[[gnu::hot]] bool framing::next_execution(execution_answer& into, bool is_last)
{
    if (unread() < header_size || region_.data()[begin_] != std::byte{'2'} || message_size_at(begin_) != header_size)
        return false;
    const std::size_t rows = begin_ + header_size;
    const std::size_t behind_rows = end_of_run(rows, std::byte{'D'});
    if (!message_at(behind_rows, 'C', into.complete))
        return false;
    std::size_t end = behind_rows + header_size + into.complete.body.size();
    if (is_last) {
        if (!message_at(end, 'Z', into.ready))
            return false;
        end += header_size + into.ready.body.size();
    }
    into.rows = {region_.data() + rows, region_.data() + behind_rows};
    begin_ = end;
    return true;
}

std::size_t framing::take_repeated(std::span<const std::byte> same, std::size_t most) noexcept
{
    const std::size_t begin = begin_;
    const std::size_t end = begin_ + std::min(unread() / same.size(), most) * same.size();
    while (begin_ != end && std::memcmp(region_.data() + begin_, same.data(), same.size()) == 0)
        begin_ += same.size();
    return (begin_ - begin) / same.size();
}

} // namespace tusk::protocol
