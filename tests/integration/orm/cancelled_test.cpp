// Cancellation at every suspension point of a flush, a commit and a load: nothing stays open on the server, and the
// session says what happened.
#include "unit_of_work_testing.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <cstddef>
#include <exception>
#include <optional>

namespace tusk::test {
namespace {

struct book;

struct shelf {
    std::int64_t id{};
    std::string name;
    orm::has_many<book> books{};

    static constexpr auto table =
        orm::table("cancelled_shelves", orm::column<&shelf::id>(orm::primary_key), orm::column<&shelf::name>(),
                   orm::relationship<&shelf::books>(orm::back_populates("shelf"), orm::cascade::all_delete_orphan));
};

struct book {
    std::int64_t id{};
    std::string title;
    std::int64_t shelf_id{};
    orm::belongs_to<test::shelf> shelf{};

    static constexpr auto table =
        orm::table("cancelled_books", orm::column<&book::id>(orm::primary_key), orm::column<&book::title>(),
                   orm::column<&book::shelf_id>(orm::references<&test::shelf::id>()),
                   orm::relationship<&book::shelf>(orm::via<&book::shelf_id>, orm::back_populates("books")));
};

const orm::metadata models = orm::describe<shelf, book>();

/// What became of a coroutine that was cancelled.
struct ending {
    bool reached = false;
    std::exception_ptr thrown;
};

/// Coroutines of Asio listen to `terminal` only, unless they are told otherwise.
asio::awaitable<void> listening_to_all(asio::awaitable<void> what)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await std::move(what);
}

/// Starts it, lets so many handlers run, and cancels it: with one more each time, every suspension point is met.
ending cancelled_after(asio::io_context& io, std::size_t handlers, asio::cancellation_type type,
                       asio::awaitable<void> what)
{
    ending end;
    asio::cancellation_signal signal;
    asio::co_spawn(io, listening_to_all(std::move(what)),
                   asio::bind_cancellation_slot(signal.slot(), [&end](const std::exception_ptr& thrown) {
                       end.reached = true;
                       end.thrown = thrown;
                   }));
    io.restart();
    for (std::size_t i = 0; i < handlers && !end.reached; ++i)
        io.run_one_for(hang_limit);
    const bool in_time = !end.reached;
    if (in_time)
        signal.emit(type);
    while (!end.reached && io.run_one_for(hang_limit) != 0)
        ;
    EXPECT_TRUE(end.reached) << "it hangs when it is cancelled after " << handlers << " handlers";
    EXPECT_TRUE(in_time || !end.thrown) << "nobody cancelled it, and it failed";
    return end;
}

/// The library of a test, and who watches it.
class library
{
public:
    library() : on_{io_.get_executor(), connect_options{server().url()}} {}

    void prepare()
    {
        run(io_, [](library& of) -> asio::awaitable<void> {
            of.watcher_.emplace(co_await connect(server().url()));
            co_await orm::drop_all(*of.watcher_, models);
            co_await orm::create_all(*of.watcher_, models);
            co_await of.watcher_->execute_script(
                "INSERT INTO cancelled_shelves (name) VALUES ('old'), ('older');"
                "INSERT INTO cancelled_books (title, shelf_id) VALUES ('one', 1), ('two', 1), ('three', 2)");
        }(*this));
    }

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] const engine& on() const noexcept { return on_; }

    /// "2 shelves, 3 books": what is committed, once no transaction is open on the server.
    asio::awaitable<std::string> holds()
    {
        constexpr std::string_view open = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                                          "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()";
        std::int64_t left = 1;
        for (int i = 0; i < 2000 && left != 0; ++i) {
            left = co_await watcher_->query_one<std::int64_t>(open);
            if (left != 0)
                co_await pause(std::chrono::milliseconds{5});
        }
        EXPECT_EQ(left, 0) << "a transaction stays open on the server";
        co_return co_await watcher_->query_one<std::string>(
            "SELECT (SELECT count(*) || ' shelves, ' FROM cancelled_shelves) || (SELECT count(*) || ' books' FROM "
            "cancelled_books)");
    }

    void finish()
    {
        run(io_, [](library& of) -> asio::awaitable<void> {
            co_await of.watcher_->close();
            co_await of.on_.dispose();
        }(*this));
    }

private:
    asio::io_context io_;
    engine on_;
    std::optional<connection> watcher_;
};

/// What a session has to do that is cancelled: something new on two levels, a change, and something to delete.
struct work {
    orm::ref<shelf> made;
    orm::ref<book> changed;
    orm::ref<book> removed;
};

asio::awaitable<void> begin_work(orm::session& s, work& of)
{
    of.changed = co_await s.get_one<book>(1);
    of.removed = co_await s.get_one<book>(3);
    co_await s.commit();
    of.made = s.add(shelf{.name = "new"});
    of.made->books.add(s.add(book{.title = "four"}));
    of.made->books.add(s.add(book{.title = "five"}));
    of.changed->title = "changed";
    s.remove(of.removed);
}

/// What a cancelled call throws: the driver where it waited, Asio where it was about to wait.
void expect_cancelled(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const operation_aborted&) {
        return;
    } catch (const asio::system_error& other) {
        EXPECT_EQ(other.code(), asio::error::operation_aborted);
    } catch (const std::exception& other) {
        ADD_FAILURE() << "not what a cancelled call throws: " << other.what();
    }
}

/// The transaction has failed, and the session says with what.
asio::awaitable<void> expect_failed_transaction(orm::session& s)
{
    EXPECT_TRUE(s.sql().in_transaction());
    const auto refused = co_await thrown<pending_rollback>([&] { return s.sql().execute("SELECT 1"); });
    expect_mentions(refused, "rollback()", "It failed with: ");
    EXPECT_TRUE(refused.cause());
    if (refused.cause())
        expect_cancelled(refused.cause());
}

constexpr asio::cancellation_type both[] = {asio::cancellation_type::terminal, asio::cancellation_type::total};
constexpr std::size_t most_handlers = 1000;

asio::awaitable<void> after_a_flush(library& in, orm::session& s, work& of, ending end)
{
    if (end.thrown) {
        expect_cancelled(end.thrown);
        EXPECT_EQ(of.made->id, 0) << "a flush that fails leaves entities as they were";
        EXPECT_EQ(of.changed->title, "changed");
        if (s.sql().in_transaction())
            co_await expect_failed_transaction(s);
        co_await s.rollback();
        EXPECT_EQ(of.changed->title, "one");
        EXPECT_EQ(s.add(of.made)->name, "new") << "it was never in the database, and can be added again";
        of.changed->title = "again";
        co_await s.flush();
    }
    EXPECT_NE(of.made->id, 0);
    co_await s.rollback();
    const std::string held = co_await in.holds();
    EXPECT_EQ(held, "2 shelves, 3 books");
}

TEST(orm_cancelled, at_every_suspension_point_of_a_flush)
{
    library in;
    in.prepare();
    for (const asio::cancellation_type type : both) {
        std::size_t handlers = 1; // with none it would not have begun
        for (bool done = false; !done; ++handlers) {
            ASSERT_LT(handlers, most_handlers);
            SCOPED_TRACE(handlers);
            orm::session s{in.on()};
            work of;
            run(in.io(), begin_work(s, of));
            const ending end = cancelled_after(in.io(), handlers, type, s.flush());
            done = !end.thrown;
            run(in.io(), after_a_flush(in, s, of, end));
        }
        EXPECT_GT(handlers, 5) << "a flush of several flights waits more often";
    }
    in.finish();
}

asio::awaitable<void> after_a_commit(library& in, orm::session& s, ending end, bool& is_there)
{
    if (end.thrown) {
        expect_cancelled(end.thrown);
        // In its flush; behind it, the transaction is over.
        if (s.sql().in_transaction())
            co_await expect_failed_transaction(s);
        co_await s.rollback();
    }
    EXPECT_FALSE(s.sql().in_transaction());
    const std::string held = co_await in.holds();
    is_there = held == "3 shelves, 4 books";
    EXPECT_TRUE(is_there || held == "2 shelves, 3 books") << "half of it: " << held;
    s.add(shelf{.name = "afterwards"});
    co_await s.commit();
    const std::string now = co_await in.holds();
    EXPECT_EQ(now, is_there ? "4 shelves, 4 books" : "3 shelves, 3 books");
}

TEST(orm_cancelled, at_every_suspension_point_of_a_commit)
{
    library in;
    for (const asio::cancellation_type type : both) {
        bool is_there = false;
        std::size_t handlers = 1; // with none it would not have begun
        for (bool done = false; !done; ++handlers) {
            ASSERT_LT(handlers, most_handlers);
            SCOPED_TRACE(handlers);
            in.prepare();
            orm::session s{in.on()};
            work of;
            run(in.io(), begin_work(s, of));
            const ending end = cancelled_after(in.io(), handlers, type, s.commit());
            done = !end.thrown;
            run(in.io(), after_a_commit(in, s, end, is_there));
        }
        EXPECT_TRUE(is_there) << "the last one was not cancelled";
        EXPECT_GT(handlers, 5);
    }
    in.finish();
}

asio::awaitable<void> load(orm::session& s, std::vector<orm::ref<shelf>>& into)
{
    const auto stmt = orm::select<shelf>().order_by(orm::col<&shelf::id>).options(orm::selectinload<&shelf::books>());
    into = co_await s.all(stmt);
}

asio::awaitable<void> after_a_load(library& in, orm::session& s, std::vector<orm::ref<shelf>>& found, ending end,
                                   int& broken_off)
{
    std::size_t expected = 3;
    if (end.thrown) {
        expect_cancelled(end.thrown);
        EXPECT_TRUE(found.empty());
        // Cancelled between two of its statements, it has broken off none: then the transaction is as good as before.
        bool is_sound = true;
        try {
            co_await s.sql().execute("SELECT 1");
        } catch (const pending_rollback&) {
            is_sound = false;
        }
        if (!is_sound)
            co_await expect_failed_transaction(s);
        broken_off += is_sound ? 0 : 1;
        co_await s.rollback();
        co_await load(s, found);
        expected = 2;
    }
    EXPECT_EQ(found.size(), expected);
    EXPECT_EQ(found.at(0)->books.size(), 2);
    EXPECT_EQ(found.at(1)->books.front()->title, "three");
    co_await s.rollback();
    const std::string held = co_await in.holds();
    EXPECT_EQ(held, "2 shelves, 3 books");
}

TEST(orm_cancelled, at_every_suspension_point_of_a_load)
{
    library in;
    in.prepare();
    for (const asio::cancellation_type type : both) {
        std::size_t handlers = 1; // with none it would not have begun
        int broken_off = 0;
        for (bool done = false; !done; ++handlers) {
            ASSERT_LT(handlers, most_handlers);
            SCOPED_TRACE(handlers);
            orm::session s{in.on()};
            std::vector<orm::ref<shelf>> found;
            s.add(shelf{.name = "flushed first"});
            const ending end = cancelled_after(in.io(), handlers, type, load(s, found));
            done = !end.thrown;
            run(in.io(), after_a_load(in, s, found, end, broken_off));
        }
        EXPECT_GT(handlers, 5);
        EXPECT_GE(broken_off, 2) << "by a flush, and by a SELECT";
    }
    in.finish();
}

} // namespace
} // namespace tusk::test
