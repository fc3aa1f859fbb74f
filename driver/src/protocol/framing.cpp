#include "protocol/framing.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tusk::protocol {

namespace {

constexpr std::size_t initial_capacity = 16 * 1024;
constexpr std::size_t smallest_read = 4 * 1024;
constexpr std::size_t usual_capacity = 256 * 1024;

} // namespace

framing::framing(std::size_t max_message_size)
    : data_{std::make_unique_for_overwrite<std::byte[]>(initial_capacity)},
      capacity_{initial_capacity},
      limit_{max_message_size}
{
}

std::span<std::byte> framing::prepare()
{
    if (begin_ == end_) {
        begin_ = end_ = 0;
        // A large message is gone: so is the memory that it needed.
        if (capacity_ > usual_capacity) {
            data_ = std::make_unique_for_overwrite<std::byte[]>(usual_capacity);
            capacity_ = usual_capacity;
        }
    }
    const std::size_t kept = end_ - begin_;
    std::size_t wanted = capacity_;
    if (filled_ && capacity_ < usual_capacity)
        wanted = capacity_ * 2;
    if (wanted - kept < smallest_read)
        wanted = std::max(wanted, kept) * 2;
    if (wanted > capacity_) {
        auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
        if (kept != 0)
            std::memcpy(larger.get(), data_.get() + begin_, kept);
        data_ = std::move(larger);
        capacity_ = wanted;
        begin_ = 0;
        end_ = kept;
    } else if (begin_ != 0 && capacity_ - end_ < capacity_ / 2) {
        std::memmove(data_.get(), data_.get() + begin_, kept);
        begin_ = 0;
        end_ = kept;
    }
    filled_ = false;
    return {data_.get() + end_, capacity_ - end_};
}

void framing::commit(std::size_t count) noexcept
{
    end_ += count;
    filled_ = end_ == capacity_;
}

void framing::fail_length(std::size_t position, std::uint32_t length) const
{
    throw protocol_error{fmt::format("the server sent a message of type 0x{:02x} with length {}; between 4 and {} are "
                                     "accepted here, so the connection is closed",
                                     std::to_integer<unsigned>(data_[position]), length, limit_)};
}

std::size_t framing::end_of_run(std::size_t position, std::byte type) const
{
    while (end_ - position >= header_size && data_[position] == type) {
        const std::size_t size = message_size_at(position);
        if (end_ - position < size)
            break;
        position += size;
    }
    return position;
}

std::span<const std::byte> framing::run_from(const backend_message& first)
{
    begin_ = end_of_run(begin_, static_cast<std::byte>(first.type));
    return {first.body.data() - header_size, data_.get() + begin_};
}

bool framing::message_at(std::size_t position, char type, backend_message& into) const
{
    if (end_ - position < header_size || data_[position] != static_cast<std::byte>(type))
        return false;
    const std::size_t size = message_size_at(position);
    if (end_ - position < size)
        return false;
    into = {type, {data_.get() + position + header_size, size - header_size}};
    return true;
}

bool framing::next_execution(execution_answer& into)
{
    backend_message bound{};
    if (!message_at(begin_, '2', bound) || !bound.body.empty())
        return false;
    const std::size_t rows = begin_ + header_size;
    const std::size_t behind_rows = end_of_run(rows, std::byte{'D'});
    if (!message_at(behind_rows, 'C', into.complete))
        return false;
    const std::size_t at_ready = behind_rows + header_size + into.complete.body.size();
    if (!message_at(at_ready, 'Z', into.ready))
        return false;
    into.rows = {data_.get() + rows, data_.get() + behind_rows};
    begin_ = at_ready + header_size + into.ready.body.size();
    return true;
}

std::size_t framing::take_repeated(std::span<const std::byte> same, std::size_t most) noexcept
{
    const std::size_t begin = begin_;
    const std::size_t end = begin_ + std::min(unread() / same.size(), most) * same.size();
    while (begin_ != end && std::memcmp(data_.get() + begin_, same.data(), same.size()) == 0)
        begin_ += same.size();
    return (begin_ - begin) / same.size();
}

} // namespace tusk::protocol
