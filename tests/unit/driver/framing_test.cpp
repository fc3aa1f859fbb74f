#include "protocol/framing.hpp"

#include "support/script_messages.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using tusk::protocol_error;
using tusk::protocol::framing;

constexpr std::size_t limit = 1024 * 1024;
constexpr std::size_t usual = 256 * 1024;

/// Hands bytes over in pieces, as reads would.
void arrive(framing& input, std::string_view bytes, std::size_t piece = std::string_view::npos)
{
    while (!bytes.empty()) {
        const std::span<std::byte> room = input.prepare();
        const std::size_t count = std::min({bytes.size(), piece, room.size()});
        std::memcpy(room.data(), bytes.data(), count);
        input.commit(count);
        bytes.remove_prefix(count);
    }
}

std::string text_of(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The next message in the form in which it was sent; empty where there is none.
std::string take(framing& input)
{
    const auto next = input.next();
    return next ? message(next->type, text_of(next->body)) : std::string{};
}

TEST(framing, gives_nothing_before_a_message_is_complete)
{
    const std::string whole = message('C', "SELECT 1");
    framing input{limit};
    for (const char each : whole) {
        EXPECT_FALSE(input.next().has_value());
        arrive(input, {&each, 1});
    }
    EXPECT_EQ(take(input), whole);
    EXPECT_FALSE(input.next().has_value());
    EXPECT_EQ(input.unread(), 0U);
}

TEST(framing, cuts_a_stream_into_its_messages_however_it_arrives)
{
    std::vector<std::string> sent;
    for (std::size_t size = 0; size < 300; size += 7)
        sent.push_back(message('D', std::string(size, static_cast<char>('a' + size % 26))));
    std::string stream;
    for (const std::string& each : sent)
        stream += each;
    for (const std::size_t piece : {1U, 2U, 3U, 5U, 6U, 100U, 100000U}) {
        framing input{limit};
        std::vector<std::string> got;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            arrive(input, std::string_view{stream}.substr(at, piece));
            for (std::string each = take(input); !each.empty(); each = take(input))
                got.push_back(each);
        }
        EXPECT_EQ(got, sent) << piece;
    }
}

TEST(framing, refuses_a_length_as_soon_as_it_is_there)
{
    for (const std::int64_t length : {0LL, 1LL, 2LL, 3LL, 0x100001LL, 0x7fffffffLL, 0x80000000LL, 0xffffffffLL}) {
        framing input{limit};
        arrive(input, message_of_length('D', length));
        EXPECT_THROW(input.next(), protocol_error) << length;
    }
}

TEST(framing, accepts_lengths_from_the_smallest_to_the_limit)
{
    framing input{64};
    arrive(input, message('S'));
    EXPECT_EQ(take(input), message('S'));
    arrive(input, message('D', std::string(60, 'x')));
    EXPECT_EQ(take(input), message('D', std::string(60, 'x')));
    arrive(input, message('D', std::string(61, 'x')));
    EXPECT_THROW(input.next(), protocol_error);
}

TEST(framing, the_limit_can_be_raised_between_messages)
{
    framing input{8};
    arrive(input, message('D', "12345"));
    EXPECT_THROW(input.next(), protocol_error);
    input.limit(9);
    EXPECT_EQ(take(input), message('D', "12345"));
}

TEST(framing, reserves_nothing_on_the_word_of_a_length)
{
    framing input{std::size_t{1} << 30};
    arrive(input, message_of_length('D', 1 << 30, "the first bytes"));
    EXPECT_FALSE(input.next().has_value());
    EXPECT_LE(input.prepare().size(), usual);
}

TEST(framing, grows_with_the_bytes_that_arrive_and_shrinks_when_they_are_gone)
{
    const std::string large = message('D', std::string(3 * limit, 'x'));
    framing input{4 * limit};
    arrive(input, large, 10000);
    const auto got = input.next();
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->body.size(), 3 * limit);
    EXPECT_TRUE(std::ranges::all_of(got->body, [](std::byte each) { return each == std::byte{'x'}; }));
    EXPECT_LE(input.prepare().size(), usual);
}

TEST(framing, always_has_room_for_a_sensible_read)
{
    framing input{limit};
    std::string rest = message('D', std::string(50000, 'x'));
    for (int i = 0; i != 2000; ++i) {
        EXPECT_GE(input.prepare().size(), 4096U);
        arrive(input, std::string_view{rest}.substr(0, 25));
        rest.erase(0, 25);
        if (rest.size() < 25)
            break;
    }
}

TEST(framing, gives_a_run_of_messages_of_one_type_at_once)
{
    const std::string first = message('D', "one");
    const std::string more = message('D', "") + message('D', "three");
    framing input{limit};
    arrive(input, first + more + message('C', "SELECT 3") + message('D', "four"));
    const auto start = input.next();
    ASSERT_TRUE(start.has_value());
    EXPECT_EQ(text_of(input.run_from(*start)), first + more);
    EXPECT_EQ(take(input), message('C', "SELECT 3"));
    EXPECT_EQ(take(input), message('D', "four"));
}

TEST(framing, a_run_ends_before_a_message_that_is_not_complete)
{
    const std::string whole = message('D', "one") + message('D', "two");
    const std::string late = message('D', "three");
    for (std::size_t cut = 0; cut != late.size(); ++cut) {
        framing input{limit};
        arrive(input, whole + late.substr(0, cut));
        const auto start = input.next();
        ASSERT_TRUE(start.has_value());
        EXPECT_EQ(text_of(input.run_from(*start)), whole) << cut;
        EXPECT_FALSE(input.next().has_value());
        arrive(input, late.substr(cut));
        EXPECT_EQ(take(input), late) << cut;
    }
}

/// Takes what is there as one run.
std::string take_run(framing& input)
{
    const auto first = input.next();
    return first ? text_of(input.run_from(*first)) : std::string{};
}

TEST(framing, reads_on_behind_what_others_hold)
{
    const std::string rows = message('D', std::string(1000, 'x'));
    framing input{limit};
    std::vector<tusk::detail::shared_block> held;
    std::vector<std::span<const std::byte>> seen;
    // Several regions long, each message in two pieces, so that regions end inside messages.
    for (int i = 0; i != 2000; ++i) {
        arrive(input, rows, 600);
        const auto next = input.next();
        ASSERT_TRUE(next.has_value());
        seen.push_back(next->body);
        held.push_back(input.region());
    }
    for (const std::span<const std::byte> each : seen)
        ASSERT_EQ(text_of(each), std::string(1000, 'x'));
}

TEST(framing, reads_into_the_same_region_again_when_nobody_holds_it_any_more)
{
    framing input{limit};
    arrive(input, message('D', "one"));
    EXPECT_EQ(take_run(input), message('D', "one"));
    tusk::detail::shared_block held = input.region();
    const std::byte* const behind = input.prepare().data();
    EXPECT_EQ(text_of({held.data(), behind}), message('D', "one"));
    held = {};
    EXPECT_LT(input.prepare().data(), behind);
}

TEST(framing, takes_larger_regions_only_for_what_is_kept)
{
    for (const bool kept : {false, true}) {
        framing input{limit};
        input.expect_to_be_kept(kept);
        std::vector<tusk::detail::shared_block> held;
        for (int i = 0; i != 2000; ++i) {
            arrive(input, message('D', std::string(4000, 'x')));
            take_run(input);
            held.push_back(input.region());
        }
        EXPECT_EQ(input.region().capacity() > usual, kept);
        held.clear();
        input.rest();
        EXPECT_LE(input.prepare().size(), usual);
    }
}

TEST(framing, refuses_an_absurd_length_inside_a_run)
{
    for (const std::int64_t length : {0LL, 3LL, 0x100001LL, 0xffffffffLL}) {
        framing input{limit};
        arrive(input, message('D', "one") + message_of_length('D', length));
        const auto start = input.next();
        ASSERT_TRUE(start.has_value());
        EXPECT_THROW(static_cast<void>(input.run_from(*start)), protocol_error) << length;
    }
}

// ---- The whole answer to an execution.

const std::string bound = message('2');
const std::string rows = message('D', "one") + message('D', "two");
const std::string complete = message('C', zero_terminated("SELECT 2"));
const std::string ready = message('Z', "I");

TEST(framing, gives_the_whole_answer_to_an_execution)
{
    for (const std::string& of_rows : {rows, std::string{}}) {
        framing input{limit};
        arrive(input, bound + of_rows + complete + ready + bound);
        tusk::protocol::execution_answer answer;
        ASSERT_TRUE(input.next_execution(answer, true));
        EXPECT_EQ(text_of(answer.rows), of_rows);
        EXPECT_EQ(message(answer.complete.type, text_of(answer.complete.body)), complete);
        EXPECT_EQ(message(answer.ready.type, text_of(answer.ready.body)), ready);
        EXPECT_EQ(take(input), bound);
    }
}

TEST(framing, gives_the_answer_to_an_execution_that_others_follow)
{
    framing input{limit};
    arrive(input, bound + rows + complete + bound + complete + ready);
    tusk::protocol::execution_answer answer;
    ASSERT_TRUE(input.next_execution(answer, false));
    EXPECT_EQ(text_of(answer.rows), rows);
    EXPECT_EQ(message(answer.complete.type, text_of(answer.complete.body)), complete);
    ASSERT_TRUE(input.next_execution(answer, false));
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_EQ(take(input), ready);
}

TEST(framing, an_answer_that_is_not_complete_stays_as_it_is)
{
    const std::string whole = bound + rows + complete + ready;
    for (std::size_t cut = 0; cut != whole.size(); ++cut) {
        framing input{limit};
        arrive(input, whole.substr(0, cut));
        tusk::protocol::execution_answer answer;
        EXPECT_FALSE(input.next_execution(answer, true)) << cut;
        EXPECT_EQ(input.unread(), cut);
        arrive(input, whole.substr(cut));
        EXPECT_TRUE(input.next_execution(answer, true)) << cut;
        EXPECT_EQ(input.unread(), 0U);
    }
}

TEST(framing, an_answer_with_anything_else_in_it_is_taken_message_by_message)
{
    const std::string notice = message('N', std::string(1, '\0'));
    for (const std::string& other : {rows + complete + ready, message('2', "x") + complete + ready,
                                     bound + notice + complete + ready, bound + rows + message('E', "no") + ready,
                                     bound + rows + complete + notice + ready, bound + rows + message('s') + ready}) {
        framing input{limit};
        arrive(input, other);
        tusk::protocol::execution_answer answer;
        EXPECT_FALSE(input.next_execution(answer, true));
        EXPECT_EQ(input.unread(), other.size());
    }
}

TEST(framing, refuses_an_absurd_length_inside_an_answer)
{
    for (const std::string& begin : {bound, bound + rows, bound + rows + complete})
        for (const std::int64_t length : {0LL, 3LL, 0x100001LL, 0xffffffffLL})
            for (const char type : {'D', 'C', 'Z'}) {
                framing input{limit};
                arrive(input, begin + message_of_length(type, length));
                tusk::protocol::execution_answer answer;
                const bool can_be_next = (type == 'Z') == (begin.size() > bound.size() + rows.size());
                if (!can_be_next)
                    continue;
                EXPECT_THROW(static_cast<void>(input.next_execution(answer, true)), protocol_error) << type << length;
            }
}

TEST(framing, takes_what_is_repeated_as_often_as_it_may_and_has_arrived)
{
    const std::string pair = message('2') + message('C', "INSERT 0 1");
    const std::string other = message('2') + message('C', "INSERT 0 2");
    const auto same = std::as_bytes(std::span{pair});
    for (std::size_t cut = 0; cut != pair.size(); ++cut) {
        framing input{limit};
        EXPECT_EQ(input.take_repeated(same, 9), 0U);
        arrive(input, pair + pair + pair + pair.substr(0, cut));
        EXPECT_EQ(input.take_repeated(same, 0), 0U);
        EXPECT_EQ(input.take_repeated(same, 2), 2U);
        EXPECT_EQ(input.take_repeated(same, 9), 1U);
        EXPECT_EQ(input.unread(), cut);
        arrive(input, pair.substr(cut) + other + pair);
        EXPECT_EQ(input.take_repeated(same, 9), 1U) << cut;
        EXPECT_EQ(input.take_repeated(same, 9), 0U);
        EXPECT_EQ(take(input), message('2'));
        EXPECT_EQ(take(input), message('C', "INSERT 0 2"));
        EXPECT_EQ(input.take_repeated(same, 9), 1U);
    }
}

} // namespace
