#pragma once

#include "sql.hpp"
#include "workload.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// As much of PostgreSQL's protocol as the works need, for the contenders that have no driver: bytes only.
namespace bench::wire {

template <std::unsigned_integral Int>
Int swapped(Int value) noexcept
{
    static_assert(std::endian::native == std::endian::little);
    if constexpr (sizeof(Int) == 8)
        return __builtin_bswap64(value);
    else if constexpr (sizeof(Int) == 4)
        return __builtin_bswap32(value);
    else if constexpr (sizeof(Int) == 2)
        return __builtin_bswap16(value);
    else
        return value;
}

template <std::unsigned_integral Int>
Int load(const char* from) noexcept
{
    Int value{};
    std::memcpy(&value, from, sizeof value);
    return swapped(value);
}

/// Writes at `place` and moves it on.
template <std::unsigned_integral Int>
void store(char*& place, Int value) noexcept
{
    const Int big_endian = swapped(value);
    std::memcpy(place, &big_endian, sizeof big_endian);
    place += sizeof big_endian;
}

template <std::unsigned_integral Int>
std::string number(Int value)
{
    std::string bytes(sizeof value, '\0');
    char* place = bytes.data();
    store(place, value);
    return bytes;
}

inline std::string zero_ended(std::string_view text) { return std::string{text} + '\0'; }

/// A message of a type, or the start-up message, which has none.
inline std::string message(std::string_view type, const std::string& body)
{
    return std::string{type} + number(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

inline std::string sync() { return message("S", {}); }
inline std::string query(std::string_view sql) { return message("Q", zero_ended(sql)); }
inline std::string parse(std::string_view name, std::string_view sql)
{
    return message("P", zero_ended(name) + zero_ended(sql) + number<std::uint16_t>(0));
}
inline std::string execute() { return message("E", zero_ended("") + number<std::uint32_t>(0)); }

/// What comes before the parameters of a Bind: all of them binary, and so are the rows.
inline std::string bind_head(std::string_view statement, std::uint16_t parameters)
{
    return zero_ended("") + zero_ended(statement) + number<std::uint16_t>(1) + number<std::uint16_t>(1) +
           number(parameters);
}
inline std::string bind_tail() { return number<std::uint16_t>(1) + number<std::uint16_t>(1); }

/// Bind, Execute and Sync of statement "s" with one int8, encoded once; only the value in it changes.
class flight
{
public:
    flight()
    {
        const std::string before = bind_head("s", 1) + number<std::uint32_t>(sizeof(std::uint64_t));
        at_id_ = 5 + before.size();
        bytes_ = message("B", before + number<std::uint64_t>(0) + bind_tail()) + execute() + sync();
    }

    [[nodiscard]] std::string_view to(std::int64_t id)
    {
        write(bytes_.data(), id);
        return bytes_;
    }

    /// Many of them, to be filled in place.
    [[nodiscard]] std::string times(std::size_t count) const
    {
        std::string all;
        for (std::size_t i = 0; i < count; ++i)
            all += bytes_;
        return all;
    }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    /// Puts a value into the flight that begins there.
    void write(char* start, std::int64_t id) const
    {
        char* place = start + at_id_;
        store(place, static_cast<std::uint64_t>(id));
    }

private:
    std::string bytes_;
    std::size_t at_id_ = 0;
};

/// One message of an answer.
struct answered {
    char type;
    const char* body;
    std::size_t size;
};

/// Cuts what arrives into messages.
class answer
{
public:
    explicit answer(std::size_t capacity = 16UL * 1024) : bytes_(capacity) {}

    /// Where the next bytes go.
    struct place {
        char* data;
        std::size_t size;
    };
    [[nodiscard]] place room()
    {
        if (at_ == end_)
            at_ = end_ = 0;
        if (bytes_.size() - end_ < bytes_.size() / 4) {
            std::memmove(bytes_.data(), bytes_.data() + at_, end_ - at_);
            end_ -= at_;
            at_ = 0;
        }
        if (end_ == bytes_.size())
            throw std::runtime_error{"a message is longer than anything that was asked for"};
        return {bytes_.data() + end_, bytes_.size() - end_};
    }
    void commit(std::size_t count) noexcept { end_ += count; }

    /// Takes the next message, if it is complete.
    bool next(answered& into)
    {
        if (end_ - at_ < header)
            return false;
        const std::size_t size = 1 + load<std::uint32_t>(&bytes_[at_ + 1]);
        if (end_ - at_ < size)
            return false;
        into = {bytes_[at_], &bytes_[at_] + header, size - header};
        at_ += size;
        if (into.type == 'E') [[unlikely]]
            throw std::runtime_error{"the server refused it: " + std::string{into.body, into.size}};
        return true;
    }

private:
    static constexpr std::size_t header = 5;

    std::vector<char> bytes_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

/// A row of the point select's table.
inline void add_point(const char* row, checksum& sum)
{
    const char* id = row + 2 + 4;
    sum.add(static_cast<std::int64_t>(load<std::uint64_t>(id)), load<std::uint32_t>(id + 8));
}

/// A row of six typed columns, by its first field.
inline std::uint64_t digest_of(const char* field)
{
    const auto id = static_cast<std::int64_t>(load<std::uint64_t>(field + 4));
    const auto n = static_cast<std::int32_t>(load<std::uint32_t>(field + 16));
    const auto x = std::bit_cast<double>(load<std::uint64_t>(field + 24));
    const std::size_t name = load<std::uint32_t>(field + 32);
    field += 36 + name;
    return digest(id, n, x, name, static_cast<std::int64_t>(load<std::uint64_t>(field + 4)), field[16] != 0);
}

/// The six parameters of a row, each with its length. @returns Behind them.
inline char* store_fields(char* place, const sample& row)
{
    store(place, std::uint32_t{8});
    store(place, static_cast<std::uint64_t>(row.id));
    store(place, std::uint32_t{4});
    store(place, static_cast<std::uint32_t>(row.n));
    store(place, std::uint32_t{8});
    store(place, std::bit_cast<std::uint64_t>(row.x));
    store(place, static_cast<std::uint32_t>(row.name.size()));
    std::memcpy(place, row.name.data(), row.name.size());
    place += row.name.size();
    store(place, std::uint32_t{8});
    store(place, static_cast<std::uint64_t>(row.at));
    store(place, std::uint32_t{1});
    store(place, static_cast<std::uint8_t>(row.flag));
    return place;
}

/// What a row takes at most.
inline constexpr std::size_t longest_row = 128;

/// The beginning of a COPY in binary, and its end.
inline std::string copy_signature()
{
    return std::string{"PGCOPY\n\xff\r\n\0", 11} + number<std::uint32_t>(0) + number<std::uint32_t>(0);
}
inline std::string copy_trailer() { return number<std::uint16_t>(0xffff); }

} // namespace bench::wire
