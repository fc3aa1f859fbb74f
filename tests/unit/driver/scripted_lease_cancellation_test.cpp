// Streams, COPY, pipelines and batches are cancelled at every point: whoever comes next finds the connection usable.

#include "scripted_cancelling.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tusk::test {

namespace {

using namespace std::string_literals;

const std::string goods = "SELECT id FROM goods";
const std::string insert = "INSERT INTO goods VALUES ($1)";
const std::string copy_text_in = "COPY goods FROM STDIN";
const std::string copy_text_out = "COPY goods TO STDOUT";
const std::string data = "1\n2\n";

const std::string no_parameters = backend::parse_complete() + backend::parameter_description();
const std::string column = backend::row_description({{"id", 23, 4}});
const std::string rows = backend::data_row({int32(1)}) + backend::data_row({int32(2)});

/// A server that answers whatever part of the programs below arrives.
script server()
{
    using namespace backend;
    const std::string bound = parse_complete() + bind_complete();
    const std::string begin = frontend::command("BEGIN");
    const std::string give_up = frontend::copy_fail("its writer gave the COPY up") + frontend::sync();
    const std::string given_up =
        error({{'S', "ERROR"}, {'V', "ERROR"}, {'C', "57014"}, {'M', "COPY from stdin failed"}}) + ready('I');
    script talk = logged_in();
    for (const char* const name : {"tusk_1", "tusk_2"}) {
        talk.whenever(frontend::prepare(name, goods) + frontend::run(name),
                      no_parameters + column + bind_complete() + rows + complete("SELECT 2") + ready('I'))
            .whenever(begin + frontend::prepare(name, goods) + frontend::sync(),
                      command_done("BEGIN") + no_parameters + column + ready('T'))
            .whenever(frontend::prepare(name, insert) + frontend::sync(),
                      parse_complete() + parameter_description({23}) + no_data() + ready('I'));
        std::string many;
        std::string done;
        for (int i = 1; i <= 3; ++i) {
            many += frontend::bind(name, {{1, int32(i)}}) + frontend::execute();
            done += bind_complete() + complete("INSERT 0 1");
        }
        talk.whenever(many + frontend::sync(), done + ready('I'));
        // A batch that is given up while it is written undoes what was sent.
        many.clear();
        done.clear();
        for (int i = 1; i <= 3; ++i) {
            many += frontend::bind(name, {{1, int32(i)}}) + frontend::execute();
            done += bind_complete() + complete("INSERT 0 1");
            talk.whenever(many + frontend::command("ROLLBACK") + frontend::sync(),
                          done + command_done("ROLLBACK") + ready('I'));
        }
        for (const char* const portal : {"tusk_p1", "tusk_p2"})
            talk.whenever(frontend::bind(name, {}, portal) + frontend::execute(portal, 2) + frontend::sync(),
                          bind_complete() + rows + portal_suspended() + ready('T'));
    }
    for (const char* const portal : {"tusk_p1", "tusk_p2"})
        talk.whenever(frontend::execute(portal, 2) + frontend::sync(),
                      data_row({int32(3)}) + complete("SELECT 1") + ready('T'))
            .whenever(frontend::close_portal(portal) + frontend::sync(), close_complete() + ready('T'));
    talk.whenever(frontend::run("tusk_1"), bind_complete() + rows + complete("SELECT 2") + ready('I'))
        .whenever(frontend::run("tusk_2"), // of the pipeline
                  bind_complete() + data_row({int32(7)}) + complete("SELECT 1") + ready('I'))
        .whenever(frontend::command(copy_text_in) + frontend::flush(), bound + copy_in(1))
        .whenever(frontend::copy_data(data) + frontend::copy_data(data) + frontend::copy_done() + frontend::sync(),
                  complete("COPY 4") + ready('I'))
        .whenever(give_up, given_up)
        .whenever(frontend::copy_data(data) + give_up, given_up)
        .whenever(frontend::copy_data(data) + frontend::copy_data(data) + give_up, given_up)
        .whenever(frontend::command(copy_text_out) + frontend::sync(), bound + copy_out(1) + copy_data("1\n") +
                                                                           copy_data("2\n") + copy_done() +
                                                                           complete("COPY 2") + ready('I'))
        .whenever(frontend::query("COMMIT"), complete("COMMIT") + ready('I'))
        .whenever(frontend::query("ROLLBACK"), complete("ROLLBACK") + ready('I'));
    return answer_seven(talk);
}

asio::awaitable<std::string> count_rows(asio::awaitable<row_stream> opening)
{
    row_stream from = co_await std::move(opening);
    std::size_t count = 0;
    while (co_await from.next_batch())
        count += from.size();
    co_return std::to_string(count);
}

asio::awaitable<std::string> first_of(asio::awaitable<row_stream> opening)
{
    row_stream from = co_await std::move(opening);
    co_return fmt::format("{}", co_await from.next_batch());
}

asio::awaitable<std::string> write_both(asio::awaitable<raw_copy_writer> opening)
{
    raw_copy_writer writer = co_await std::move(opening);
    static_cast<void>(writer.add(data));
    co_await writer.flush();
    static_cast<void>(writer.add(data));
    const command_tag tag = co_await writer.finish();
    co_return std::string{tag.text()};
}

asio::awaitable<std::string> read_all(asio::awaitable<copy_reader> opening)
{
    copy_reader from = co_await std::move(opening);
    std::string text;
    while (co_await from.next_batch())
        text += from.text();
    co_return text;
}

asio::awaitable<void> stream(scripted_session& at, connection& conn)
{
    co_await at.note("prepared", conn.query(goods));
    co_await at.note("first", count_rows(conn.stream(goods)));
    co_await at.note("second", count_rows(conn.stream(goods)));
}

asio::awaitable<void> fetch(scripted_session& at, connection& conn)
{
    transaction work = co_await conn.begin();
    co_await at.note("read", count_rows(work.stream(fetch_size{2}, goods)));
    co_await at.note("dropped", first_of(work.stream(fetch_size{2}, goods)));
    co_await at.note("commit", work.commit());
}

asio::awaitable<void> copy_into(scripted_session& at, connection& conn)
{
    co_await at.note("in", write_both(conn.copy_in(copy_text_in)));
}

asio::awaitable<void> copy_from(scripted_session& at, connection& conn)
{
    co_await at.note("out", read_all(conn.copy_out(copy_text_out)));
}

asio::awaitable<std::string> run_both(connection& conn)
{
    pipeline both = conn.pipeline();
    auto first = both.query(goods);
    auto second = both.query(seven);
    co_await both.run();
    co_return std::to_string(first.get().size() + second.get().size());
}

asio::awaitable<void> run_pipeline(scripted_session& at, connection& conn)
{
    co_await at.note("pipeline", run_both(conn));
}

asio::awaitable<void> insert_many(scripted_session& at, connection& conn)
{
    const std::vector<int> numbers{1, 2, 3};
    co_await at.note("many", conn.execute_many(insert, numbers));
}

TEST(scripted_lease_cancellation, of_a_stream) { cancel_everywhere(server(), stream); }
TEST(scripted_lease_cancellation, of_a_stream_in_a_transaction) { cancel_everywhere(server(), fetch); }
TEST(scripted_lease_cancellation, of_a_copy_into) { cancel_everywhere(server(), copy_into); }
TEST(scripted_lease_cancellation, of_a_copy_out) { cancel_everywhere(server(), copy_from); }
TEST(scripted_lease_cancellation, of_a_pipeline) { cancel_everywhere(server(), run_pipeline); }
TEST(scripted_lease_cancellation, of_a_batch) { cancel_everywhere(server(), insert_many); }

} // namespace

} // namespace tusk::test
