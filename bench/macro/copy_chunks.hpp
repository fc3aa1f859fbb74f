#pragma once

#include "wire.hpp"
#include "workload.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bench::wire {

/// Rows as CopyData messages of some 64 KiB, encoded with constants where that can be.
class copy_chunks
{
public:
    static constexpr std::size_t head = 5; ///< Type and length of the message.

    copy_chunks(const samples& rows, std::size_t count)
        : rows_{&rows}, count_{count}, bytes_(piece + longest_row + copy_signature().size())
    {
    }

    /// @returns A message that stays as it is until the next call; empty behind the last one.
    std::string_view next()
    {
        if (ended_)
            return {};
        char* const begin = bytes_.data();
        char* place = begin + head;
        if (row_ == 0) {
            const std::string signature = copy_signature();
            std::memcpy(place, signature.data(), signature.size());
            place += signature.size();
        }
        const samples& rows = *rows_;
        std::size_t row = row_;
        for (; row < count_ && place - begin <= static_cast<std::ptrdiff_t>(piece); ++row) {
            store(place, std::uint16_t{6});
            place = store_fields(place, rows[row]);
        }
        row_ = row;
        if (row == count_) {
            store(place, std::uint16_t{0xffff});
            ended_ = true;
        }
        char* front = begin;
        store(front, static_cast<std::uint8_t>('d'));
        store(front, static_cast<std::uint32_t>(place - begin - 1));
        return {begin, static_cast<std::size_t>(place - begin)};
    }

private:
    static constexpr std::size_t piece = 64UL * 1024;

    const samples* rows_;
    std::size_t count_;
    std::size_t row_ = 0;
    bool ended_ = false;
    std::vector<char> bytes_;
};

} // namespace bench::wire
