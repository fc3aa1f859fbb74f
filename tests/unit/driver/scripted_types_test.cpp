// Types that are not built in: the flight that looks them up, taken apart at every byte, refused, and cancelled.

#include "scripted_lookup.hpp"

#include <string>
#include <vector>

namespace tusk::test {

namespace {

using namespace std::string_literals;

asio::awaitable<void> use_types(scripted_session& at, connection& conn)
{
    co_await at.note("one flight", conn.query(felt, "sad"s));
    co_await at.note("cached", conn.query(felt, "ok"s));
    const std::vector<std::string> moods{"sad", "ok"};
    co_await at.note("two flights", conn.execute(several, moods));
    co_await at.note("close", conn.close());
}

script types_script()
{
    using namespace backend;
    const std::string array_of_two =
        int32(1) + int32(0) + int32(mood) + int32(2) + int32(1) + int32(3) + "sad" + int32(2) + "ok";
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", felt) + frontend::run("tusk_1", {{0, "sad"}}))
        .send(described(mood, "felt") + one_row("sad"))
        .expect(lookup({mood}))
        .send(lookup_described() + bind_complete() + mood_row + complete("SELECT 1") + ready('I'))
        .expect(frontend::run("tusk_1", {{1, "ok"}}))
        .send(one_row("ok"))
        .expect(frontend::prepare("tusk_2", several) + frontend::sync())
        .send(described(mood_array, "moods") + ready('I'))
        .expect(lookup({mood_array}))
        .send(lookup_described() + bind_complete() + array_row + mood_row + complete("SELECT 2") + ready('I'))
        .expect(frontend::run("tusk_2", {{1, array_of_two}}))
        .send(one_row(array_of_two));
    return said_goodbye(talk);
}

asio::awaitable<void> use_refused_types(scripted_session& at, connection& conn)
{
    co_await at.note("first", conn.query(felt, "sad"s));
    co_await at.note("cached", conn.query(felt, "ok"s));
    co_await at.note("close", conn.close());
}

script refused_script()
{
    using namespace backend;
    script talk = logged_in();
    talk.expect(frontend::prepare("tusk_1", felt) + frontend::run("tusk_1", {{0, "sad"}}))
        .send(described(mood, "felt") + one_row("sad"))
        .expect(lookup({mood}))
        .send(error({{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "42501"},
                     {'M', "permission denied for table pg_range"},
                     {'F', "aclchk.c"},
                     {'L', "3650"},
                     {'R', "aclcheck_error"}}) +
              ready('I'))
        .expect(frontend::run("tusk_1", {{0, "ok"}}))
        .send(one_row("ok"));
    return said_goodbye(talk);
}

std::vector<conversation> conversations()
{
    return {
        {"looked_up",
         types_script,
         use_types,
         {"one flight: (felt=sad) SELECT 1", "cached: (felt=ok) SELECT 1", "two flights: SELECT 1", "close: done"}},
        {"refused",
         refused_script,
         use_refused_types,
         {"first: (felt=sad) SELECT 1", "cached: (felt=ok) SELECT 1", "close: done"}},
    };
}

class scripted_types : public testing::TestWithParam<conversation>
{
};

TEST_P(scripted_types, are_the_same_however_reads_are_split) { check_reads(GetParam()); }
TEST_P(scripted_types, are_the_same_however_writes_are_cut) { check_writes(GetParam()); }
TEST_P(scripted_types, are_honest_about_a_connection_lost_at_every_read) { check_lost_reads(GetParam()); }
TEST_P(scripted_types, are_honest_about_a_connection_lost_at_every_write) { check_lost_writes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(recorded, scripted_types, testing::ValuesIn(conversations()), name_of);

} // namespace

} // namespace tusk::test
