#include "protocol/reply.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using tusk::protocol_error;
using tusk::protocol::event;
using tusk::protocol::reply;
using tusk::protocol::step;

/// Every message type that a server can send to a request, and some that it cannot.
const std::string all_types = "123CDEGHIKRSTVWZcdnstv?";

reply expecting(const std::vector<step>& parts)
{
    reply made;
    for (const step each : parts)
        made.expect(each);
    return made;
}

/// Feeds messages by their types; gives what the last one meant.
event feed(reply& to, std::string_view types)
{
    event last = event::none;
    for (const char type : types)
        last = to.accept({type, {}});
    return last;
}

/// Which messages may come next.
std::string allowed(const reply& in)
{
    std::string types;
    for (const char type : all_types) {
        reply attempt = in;
        try {
            attempt.accept({type, {}});
            types += type;
        } catch (const protocol_error&) {
        }
    }
    return types;
}

/// Plays the types one by one; at each point only those of `allowed_at` may come.
void expect_order(reply in, const std::vector<std::pair<char, std::string>>& steps)
{
    for (const auto& [type, allowed_here] : steps) {
        EXPECT_EQ(allowed(in), allowed_here) << "before " << type;
        in.accept({type, {}});
    }
}

TEST(reply, to_parse_and_describe_comes_in_order)
{
    expect_order(expecting({step::prepare}), {{'1', "1E"}, {'t', "Et"}, {'T', "ETn"}, {'Z', "EZ"}});
    expect_order(expecting({step::prepare}), {{'1', "1E"}, {'t', "Et"}, {'n', "ETn"}, {'Z', "EZ"}});
}

TEST(reply, to_bind_and_execute_comes_in_order)
{
    for (const char end : {'C', 'I', 's'})
        expect_order(expecting({step::execute}),
                     {{'2', "2E"}, {'D', "CDEGHIs"}, {'D', "CDEGHIs"}, {end, "CDEGHIs"}, {'Z', "EZ"}});
}

TEST(reply, to_a_command_and_to_close_comes_in_order)
{
    expect_order(expecting({step::command}), {{'1', "1E"}, {'2', "2E"}, {'C', "CE"}, {'Z', "EZ"}});
    expect_order(expecting({step::close, step::close}), {{'3', "3E"}, {'3', "3E"}, {'Z', "EZ"}});
}

TEST(reply, to_a_whole_flight_comes_part_by_part)
{
    reply first = expecting({step::close, step::command, step::prepare, step::execute});
    EXPECT_EQ(feed(first, "3"), event::none);
    EXPECT_EQ(feed(first, "12"), event::none);
    EXPECT_EQ(feed(first, "C"), event::complete);
    EXPECT_EQ(first.current(), step::command);
    EXPECT_EQ(feed(first, "1t"), event::parameters);
    EXPECT_EQ(feed(first, "T"), event::columns);
    EXPECT_EQ(first.current(), step::prepare);
    EXPECT_EQ(feed(first, "2D"), event::rows);
    EXPECT_EQ(feed(first, "C"), event::complete);
    EXPECT_EQ(first.current(), step::execute);
    EXPECT_EQ(feed(first, "Z"), event::ready);
}

TEST(reply, takes_rows_only_between_bind_complete_and_the_end_of_the_portal)
{
    reply in = expecting({step::execute});
    EXPECT_FALSE(in.in_rows());
    feed(in, "2");
    EXPECT_TRUE(in.in_rows());
    feed(in, "D");
    EXPECT_TRUE(in.in_rows());
    feed(in, "C");
    EXPECT_FALSE(in.in_rows());

    reply failing = expecting({step::execute});
    feed(failing, "2DE");
    EXPECT_FALSE(failing.in_rows());
}

TEST(reply, after_an_error_only_ready_for_query_comes)
{
    for (const std::string_view before : {"", "1", "1t", "1tT", "1tT2", "1tT2D", "1tT2C"}) {
        reply in = expecting({step::prepare, step::execute});
        feed(in, before);
        EXPECT_EQ(feed(in, "E"), event::error) << before;
        EXPECT_TRUE(in.failed());
        EXPECT_EQ(allowed(in), "Z") << before;
        EXPECT_EQ(feed(in, "Z"), event::ready);
    }
}

TEST(reply, remembers_the_part_that_failed)
{
    reply in = expecting({step::command, step::prepare});
    feed(in, "12CE");
    EXPECT_EQ(in.current(), step::prepare);
    reply at_once = expecting({step::command, step::prepare});
    feed(at_once, "E");
    EXPECT_EQ(at_once.current(), step::command);
}

TEST(reply, to_a_script_is_any_number_of_results)
{
    reply in = expecting({step::script});
    EXPECT_EQ(feed(in, "C"), event::complete);
    EXPECT_EQ(feed(in, "T"), event::columns);
    EXPECT_TRUE(in.in_rows());
    EXPECT_EQ(feed(in, "DD"), event::rows);
    EXPECT_EQ(feed(in, "C"), event::complete);
    EXPECT_FALSE(in.in_rows());
    EXPECT_EQ(feed(in, "I"), event::empty);
    EXPECT_EQ(feed(in, "Z"), event::ready);
}

/// A script that is answered with nothing would look like one that has been run.
TEST(reply, to_a_script_has_at_least_one_result) { EXPECT_EQ(allowed(expecting({step::script})), "CEGHIT"); }

TEST(reply, to_a_script_ends_a_result_before_anything_else_begins)
{
    reply in = expecting({step::script});
    feed(in, "T");
    EXPECT_EQ(allowed(in), "CDE");
    feed(in, "D");
    EXPECT_EQ(allowed(in), "CDE");
    feed(in, "C");
    EXPECT_EQ(allowed(in), "CEGHITZ");
}

TEST(reply, takes_copy_data_only_while_the_server_copies_out)
{
    for (const step kind : {step::execute, step::script}) {
        reply in = expecting({kind});
        feed(in, kind == step::execute ? "2" : "");
        EXPECT_EQ(feed(in, "H"), event::copy_out);
        EXPECT_FALSE(in.in_rows());
        EXPECT_EQ(allowed(in), "Ecd");
        EXPECT_EQ(feed(in, "dd"), event::data);
        EXPECT_EQ(feed(in, "c"), event::none);
        EXPECT_EQ(feed(in, "C"), event::complete);
        EXPECT_EQ(feed(in, "Z"), event::ready);
    }
}

TEST(reply, tells_when_the_server_wants_copy_data)
{
    reply in = expecting({step::execute});
    EXPECT_EQ(feed(in, "2G"), event::copy_in);
    EXPECT_EQ(feed(in, "E"), event::error);
    EXPECT_EQ(feed(in, "Z"), event::ready);
}

TEST(reply, counts_equal_parts_together)
{
    reply in;
    in.expect(step::command, 3);
    in.expect(step::command);
    feed(in, "12C12C12C");
    EXPECT_EQ(allowed(in), "1E");
    feed(in, "12C");
    EXPECT_EQ(allowed(in), "EZ");
}

TEST(reply, can_be_told_of_executions_that_it_has_not_seen)
{
    reply in = expecting({step::command});
    in.expect(step::execute, 5);
    in.expect(step::command);
    EXPECT_EQ(in.executions_to_come(), 0U) << "a command comes first";
    feed(in, "12C");
    EXPECT_EQ(in.executions_to_come(), 5U);
    in.accept_executions(0);
    EXPECT_EQ(in.executions_to_come(), 5U);
    in.accept_executions(2);
    EXPECT_EQ(in.executions_to_come(), 3U);
    EXPECT_EQ(in.current(), step::execute);
    feed(in, "2");
    EXPECT_EQ(in.executions_to_come(), 0U) << "one has begun";
    feed(in, "C");
    in.accept_executions(2);
    EXPECT_EQ(in.executions_to_come(), 0U);
    EXPECT_EQ(allowed(in), "1E");
    feed(in, "12C");
    EXPECT_EQ(in.executions_to_come(), 0U);
    EXPECT_EQ(allowed(in), "EZ");
    reply failing = expecting({step::execute, step::execute});
    feed(failing, "E");
    EXPECT_EQ(failing.executions_to_come(), 0U);
}

TEST(reply, forgets_everything_when_it_is_reset)
{
    reply in = expecting({step::execute});
    feed(in, "2DE");
    in.reset();
    in.expect(step::prepare);
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(allowed(in), "1E");
}

TEST(reply, one_execution_can_be_taken_as_a_whole_before_its_first_message)
{
    reply in = expecting({step::execute});
    EXPECT_TRUE(in.is_one_execution());
    in.accept_execution();
    EXPECT_EQ(in.current(), step::execute);
    EXPECT_FALSE(in.is_one_execution());
    EXPECT_EQ(feed(in, "Z"), event::ready);

    EXPECT_FALSE(reply{}.is_one_execution());
    EXPECT_FALSE(expecting({step::prepare}).is_one_execution());
    EXPECT_FALSE(expecting({step::command, step::execute}).is_one_execution());
    EXPECT_FALSE(expecting({step::execute, step::execute}).is_one_execution());
    for (const char* begun : {"2", "2D", "E"}) {
        reply later = expecting({step::execute});
        feed(later, begun);
        EXPECT_FALSE(later.is_one_execution()) << begun;
    }
}

} // namespace
