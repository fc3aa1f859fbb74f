#include "transport/memory_stream.hpp"

#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace {

using tusk::transport::io_sink;
using tusk::transport::memory_stream;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

/// Takes as much as it is told to, and gives what it was handed.
struct fake_peer final : memory_stream::peer_end {
    std::size_t take(std::span<const std::byte> bytes, asio::error_code& error) override
    {
        error = refusal;
        const std::size_t count = refusal ? 0 : std::min(bytes.size(), room);
        taken.append(reinterpret_cast<const char*>(bytes.data()), count);
        if (echoes)
            to_give.append(reinterpret_cast<const char*>(bytes.data()), count);
        return count;
    }

    std::size_t give(std::span<std::byte> place, asio::error_code& error) override
    {
        const std::size_t count = std::min(place.size(), to_give.size());
        std::memcpy(place.data(), to_give.data(), count);
        to_give.erase(0, count);
        if (count == 0)
            error = end;
        return count;
    }

    void closed() noexcept override { ++closings; }

    std::string taken;
    std::string to_give;
    std::size_t room = 100;
    asio::error_code refusal;
    asio::error_code end;
    bool echoes = false;
    int closings = 0;
};

struct fake_sink final : io_sink {
    struct told {
        asio::error_code error;
        std::size_t count;
    };

    void on_read(const asio::error_code& error, std::size_t count) override { read = told{error, count}; }
    void on_written(const asio::error_code& error, std::size_t count) override { written = told{error, count}; }
    void on_discarded() noexcept override { discarded = true; }

    std::optional<told> read;
    std::optional<told> written;
    bool discarded = false;
};

class memory_stream_pair : public testing::Test
{
protected:
    void run()
    {
        io.restart();
        io.run();
    }
    std::string_view arrived() const
    {
        return {reinterpret_cast<const char*>(room.data()), sink->read ? sink->read->count : 0};
    }

    asio::io_context io;
    std::shared_ptr<fake_peer> peer = std::make_shared<fake_peer>();
    std::shared_ptr<fake_sink> sink = std::make_shared<fake_sink>();
    std::optional<memory_stream> stream{std::in_place, io.get_executor(), peer};
    std::array<std::byte, 8> room{};
    asio::error_code error;
};

TEST_F(memory_stream_pair, reads_what_the_peer_gives_and_never_from_inside_the_call)
{
    peer->to_give = "twelve bytes";
    stream->start_read(room, sink);
    EXPECT_FALSE(sink->read.has_value());
    run();
    ASSERT_TRUE(sink->read.has_value());
    EXPECT_EQ(arrived(), "twelve b");
    stream->start_read(room, sink);
    run();
    EXPECT_EQ(arrived(), "ytes");
}

TEST_F(memory_stream_pair, a_read_waits_until_a_write_has_made_the_peer_answer)
{
    peer->echoes = true;
    stream->start_read(room, sink);
    run();
    EXPECT_FALSE(sink->read.has_value());
    EXPECT_EQ(stream->write_some(bytes_of("echo"), error), 4U);
    run();
    EXPECT_EQ(arrived(), "echo");
}

TEST_F(memory_stream_pair, the_end_of_the_peer_ends_a_read)
{
    peer->end = asio::error::eof;
    stream->start_read(room, sink);
    run();
    ASSERT_TRUE(sink->read.has_value());
    EXPECT_EQ(sink->read->error, asio::error::eof);
}

TEST_F(memory_stream_pair, writes_what_fits_and_says_when_nothing_does)
{
    peer->room = 3;
    EXPECT_EQ(stream->write_some(bytes_of("abcdef"), error), 3U);
    EXPECT_FALSE(error);
    peer->room = 0;
    EXPECT_EQ(stream->write_some(bytes_of("def"), error), 0U);
    EXPECT_EQ(error, asio::error::would_block);
    EXPECT_EQ(peer->taken, "abc");
}

TEST_F(memory_stream_pair, a_started_write_tells_how_much_was_taken)
{
    const std::string text = "abcdef";
    peer->room = 4;
    stream->start_write(bytes_of(text), sink);
    EXPECT_FALSE(sink->written.has_value());
    run();
    ASSERT_TRUE(sink->written.has_value());
    EXPECT_EQ(sink->written->count, 4U);
    EXPECT_FALSE(sink->written->error);
}

TEST_F(memory_stream_pair, a_refusal_of_the_peer_is_passed_on)
{
    peer->refusal = asio::error::broken_pipe;
    EXPECT_EQ(stream->write_some(bytes_of("x"), error), 0U);
    EXPECT_EQ(error, asio::error::broken_pipe);
    const std::string text = "x";
    stream->start_write(bytes_of(text), sink);
    run();
    ASSERT_TRUE(sink->written.has_value());
    EXPECT_EQ(sink->written->error, asio::error::broken_pipe);
}

TEST_F(memory_stream_pair, closing_tells_the_peer_once_and_ends_what_was_started)
{
    stream->start_read(room, sink);
    stream->close();
    stream->close();
    EXPECT_EQ(peer->closings, 1);
    run();
    ASSERT_TRUE(sink->read.has_value());
    EXPECT_EQ(sink->read->error, asio::error::operation_aborted);
}

TEST_F(memory_stream_pair, nothing_goes_through_when_it_is_closed)
{
    stream->close();
    peer->to_give = "too late";
    EXPECT_EQ(stream->write_some(bytes_of("x"), error), 0U);
    EXPECT_TRUE(error);
    const std::string text = "x";
    stream->start_write(bytes_of(text), sink);
    stream->start_read(room, sink);
    run();
    ASSERT_TRUE(sink->read.has_value() && sink->written.has_value());
    EXPECT_TRUE(sink->read->error);
    EXPECT_TRUE(sink->written->error);
    EXPECT_EQ(peer->taken, "");
}

/// As a socket's peer sees the end of the connection when the socket goes.
TEST_F(memory_stream_pair, destroying_it_tells_the_peer)
{
    stream.reset();
    EXPECT_EQ(peer->closings, 1);
}

TEST_F(memory_stream_pair, destroying_it_closed_tells_the_peer_no_second_time)
{
    stream->close();
    stream.reset();
    EXPECT_EQ(peer->closings, 1);
}

TEST(memory_stream, tells_the_sink_when_its_context_goes_away_with_a_completion_in_it)
{
    const auto peer = std::make_shared<fake_peer>();
    const auto sink = std::make_shared<fake_sink>();
    std::array<std::byte, 8> room{};
    {
        asio::io_context io;
        memory_stream stream{io.get_executor(), peer};
        peer->to_give = "bytes";
        stream.start_read(room, sink);
        EXPECT_FALSE(sink->discarded);
    }
    EXPECT_TRUE(sink->discarded);
    EXPECT_FALSE(sink->read.has_value());
}

} // namespace
