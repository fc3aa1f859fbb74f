#include "unit_of_work_testing.hpp"

#include "support/observe.hpp"

#include <tusk/orm/error.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <optional>

namespace tusk::test {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

struct document {
    std::int64_t id{};
    std::string title;
    std::int32_t version = 1;

    static constexpr auto table =
        orm::table("documents", orm::column<&document::id>(orm::primary_key), orm::column<&document::title>(),
                   orm::column<&document::version>(orm::version));
};

struct note {
    std::int64_t id{};
    std::string text;
    std::string author;

    static constexpr auto table = orm::table("notes", orm::column<&note::id>(orm::primary_key),
                                             orm::column<&note::text>(orm::unique), orm::column<&note::author>());
};

struct line {
    std::int64_t id{};
    std::int64_t note_id{};
    std::int32_t number{};
    orm::belongs_to<test::note> note{};

    static constexpr auto table = orm::table("lines", orm::column<&line::id>(orm::primary_key),
                                             orm::column<&line::note_id>(orm::references<&test::note::id>()),
                                             orm::column<&line::number>(orm::check("number > 0")),
                                             orm::relationship<&line::note>(orm::via<&line::note_id>));
};

const orm::metadata models = orm::describe<document, note, line>();

template <class Body>
void run_in_documents(Body body)
{
    run_with_models(models, std::move(body));
}

document titled(std::string title)
{
    document made;
    made.title = std::move(title);
    return made;
}
note written(std::string text)
{
    note made;
    made.text = std::move(text);
    return made;
}

TEST(orm_flush_failures, a_version_is_checked_and_counted)
{
    run_in_documents([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session first{on};
        orm::ref<document> mine = first.add(titled("one"));
        co_await first.commit();
        orm::session second{on};
        orm::ref<document> theirs = co_await second.get<document>(mine->id);
        theirs->title = "theirs";
        co_await second.commit();
        EXPECT_EQ(theirs->version, 2);

        sent.clear();
        mine->title = "mine";
        std::string said;
        try {
            co_await first.commit();
        } catch (const orm::stale_data_error& stale) {
            said = stale.what();
        }
        EXPECT_NE(said.find("document with id 1"), std::string::npos) << said;
        EXPECT_EQ(sent.take(), texts{"UPDATE documents SET title = $1, version = version + 1 WHERE id = $2 AND version "
                                     "= $3 RETURNING version"});
        EXPECT_EQ(mine->title, "mine") << "a flush that fails leaves the object alone";
        co_await first.rollback();
        EXPECT_EQ(co_await committed<std::string>("SELECT title FROM documents"), "theirs") << "no update is lost";
        co_await first.refresh(mine);
        EXPECT_EQ(mine->title, "theirs");
        EXPECT_EQ(mine->version, 2);
        first.remove(mine);
        co_await first.commit();
        theirs->title = "too late";
        try {
            co_await second.commit();
            ADD_FAILURE();
        } catch (const orm::stale_data_error&) {
        }
    });
}

TEST(orm_flush_failures, without_a_version_only_changed_columns_are_written)
{
    run_in_documents([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session first{on};
        orm::ref<note> mine = first.add(written("one"));
        co_await first.commit();
        orm::session second{on};
        orm::ref<note> theirs = co_await second.get<note>(mine->id);
        theirs->text = "theirs";
        co_await second.commit();
        mine->author = "me";
        co_await first.commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT text || ' ' || author FROM notes"), "theirs me");
        second.remove(theirs);
        co_await second.commit();
        mine->author = "gone";
        try {
            co_await first.commit();
            ADD_FAILURE();
        } catch (const orm::stale_data_error& stale) {
            EXPECT_NE(std::string{stale.what()}.find("note with id 1"), std::string::npos) << stale.what();
        }
    });
}

TEST(orm_flush_failures, the_third_row_of_level_two_names_its_entity)
{
    run_in_documents([](const engine& on, sent_requests& sent) -> asio::awaitable<void> {
        orm::session s{on};
        orm::ref<note> of = s.add(written("one"));
        std::vector<orm::ref<line>> lines;
        for (const int number : {1, 2, -3, 4, 5}) {
            line made;
            made.number = number;
            lines.push_back(s.add(std::move(made)));
            lines.back()->note = of;
        }
        std::string said;
        try {
            co_await s.flush();
        } catch (const check_violation& refused) {
            said = refused.what();
        }
        EXPECT_NE(said.find("while inserting new line (number 4 of those added"), std::string::npos) << said;
        EXPECT_NE(said.find("2 row(s) behind it were not executed"), std::string::npos) << said;
        EXPECT_EQ(of->id, 0);
        for (const orm::ref<line>& each : lines) {
            EXPECT_EQ(each->id, 0);
            EXPECT_EQ(each->note_id, 0);
        }
        EXPECT_EQ(sent.all().size(), 2) << "two flights, and no more";
        co_await s.rollback();
        EXPECT_EQ(open_transactions_of_others(), "0");
    });
}

TEST(orm_flush_failures, a_conflict_in_a_savepoint_leaves_the_session_usable)
{
    run_in_documents([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::session s{on};
        s.add(written("one"));
        co_await s.flush();
        try {
            co_await s.begin_nested([&]() -> asio::awaitable<void> {
                s.add(written("one"));
                co_await s.flush();
            });
            ADD_FAILURE();
        } catch (const unique_violation&) {
        }
        s.add(written("two"));
        co_await s.commit();
        EXPECT_EQ(co_await committed<std::int64_t>("SELECT count(*) FROM notes"), 2);
    });
}

/// Somebody who holds a lock on the row, so that whoever wants to change it waits.
TEST(orm_flush_failures, cancelling_a_flush_leaves_no_transaction_and_says_so)
{
    run_in_documents([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        std::optional<orm::session> s{on};
        orm::ref<note> one = s->add(written("one"));
        co_await s->commit();
        connection other = co_await connect(server().url());
        transaction holding = co_await other.begin();
        co_await holding.execute("UPDATE notes SET author = 'other'");
        one->author = "me";
        asio::steady_timer timer{co_await asio::this_coro::executor, 200ms};
        const auto came = co_await (s->flush() || timer.async_wait(asio::use_awaitable));
        EXPECT_EQ(came.index(), 1) << "the time was up first";
        EXPECT_EQ(one->author, "me") << "what was not sent is still there to be sent";
        try {
            co_await s->flush();
            ADD_FAILURE();
        } catch (const pending_rollback& refused) {
            EXPECT_NE(std::string{refused.what()}.find("rollback()"), std::string::npos) << refused.what();
        }
        co_await s->rollback();
        EXPECT_EQ(one->author, "");
        co_await holding.rollback();
        one->author = "me";
        co_await s->commit();
        EXPECT_EQ(co_await committed<std::string>("SELECT author FROM notes"), "me");
        EXPECT_EQ(open_transactions_of_others(), "0");
    });
}

TEST(orm_flush_failures, cancelling_a_commit_leaves_no_transaction)
{
    run_in_documents([](const engine& on, sent_requests&) -> asio::awaitable<void> {
        orm::ref<note> one;
        connection other = co_await connect(server().url());
        std::optional<transaction> holding;
        {
            orm::session s{on};
            one = s.add(written("one"));
            co_await s.commit();
            holding.emplace(co_await other.begin());
            co_await holding->execute("UPDATE notes SET author = 'other'");
            one->author = "me";
            asio::steady_timer timer{co_await asio::this_coro::executor, 200ms};
            const auto came = co_await (s.commit() || timer.async_wait(asio::use_awaitable));
            EXPECT_EQ(came.index(), 1);
        }
        EXPECT_EQ(one->author, "me") << "the handle outlives its session";
        for (int i = 0; i < 100 && open_transactions_of_others() != "1"; ++i) // the holder's
            co_await pause(50ms);
        EXPECT_EQ(open_transactions_of_others(), "1");
        co_await holding->rollback();
        EXPECT_EQ(co_await committed<std::string>("SELECT author FROM notes"), "");
    });
}

} // namespace
} // namespace tusk::test
