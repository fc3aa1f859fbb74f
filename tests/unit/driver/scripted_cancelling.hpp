#pragma once

#include "scripted_conversation.hpp"

#include <asio/cancellation_signal.hpp>
#include <asio/system_error.hpp>

#include <algorithm>
#include <array>
#include <string>

/// Cancelling a program at every point at which it can be suspended.
namespace tusk::test {

inline const std::string seven = "SELECT 7 AS seven";

inline constexpr std::array all_types{asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                      asio::cancellation_type::total};

/// The answers to a statement that whoever comes next runs, whichever number it gets.
inline script& answer_seven(script& talk)
{
    using namespace backend;
    for (const char* const name : {"tusk_1", "tusk_2", "tusk_3", "tusk_4"})
        talk.whenever(frontend::prepare(name, seven) + frontend::run(name),
                      parse_complete() + parameter_description() + row_description({{"seven", 23, 4}}) +
                          bind_complete() + data_row({int32(7)}) + complete("SELECT 1") + ready('I'));
    return talk.whenever(frontend::terminate(), "");
}

inline asio::awaitable<void> ask_for_seven(scripted_session& at, connection& conn)
{
    co_await at.note("seven", conn.query(seven));
}

inline bool is_cancellation(const std::exception_ptr& what)
{
    return is<operation_aborted>(what) || is<asio::system_error>(what);
}

/// Every BEGIN that the server took was followed by its end before the last statement came.
inline bool is_outside_of_transactions(const std::string& written)
{
    const auto end =
        std::max(written.rfind(frontend::query("COMMIT")) + 1, written.rfind(frontend::query("ROLLBACK")) + 1);
    return written.rfind(zero_terminated("BEGIN")) + 1 <= end && end <= written.rfind(seven);
}

/// Runs the program up to its `steps`-th handler, cancels it, and looks at what is left.
/// @returns Whether it had ended before.
inline bool cancel_after(int steps, const script& server, scripted_session::program program,
                         asio::cancellation_type type, const delivery& how)
{
    asio::cancellation_signal signal;
    scripted_session session{server, how, options_for(trusted_user)};
    session.start_connect();
    session.drive();
    EXPECT_TRUE(session.is_connected());
    session.start(program, signal.slot());
    while (steps-- != 0 && !session.is_finished())
        EXPECT_TRUE(session.step()) << "it hangs before it is cancelled";
    const bool had_ended = session.is_finished();
    signal.emit(type);
    session.drive();
    EXPECT_TRUE(session.is_finished()) << "it hangs";
    if (session.failure()) {
        EXPECT_TRUE(is_cancellation(session.failure())) << describe(session.failure());
    }
    for (const scripted_session::call& each : session.calls())
        EXPECT_TRUE(!each.error || is_cancellation(each.error)) << each.what << ": " << each.said;
    EXPECT_TRUE(session.conn().is_open());

    session.start(ask_for_seven);
    session.drive();
    EXPECT_TRUE(session.is_finished()) << "whoever comes next hangs";
    EXPECT_EQ(session.calls().back().said, "(seven=7) SELECT 1");
    EXPECT_TRUE(session.conn().is_open());
    EXPECT_EQ(session.conn().transaction_status(), 'I');
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_TRUE(is_outside_of_transactions(session.peer().written()));
    return had_ended;
}

inline void cancel_everywhere(const script& server, scripted_session::program program)
{
    delivery slow_reads;
    slow_reads.read_piece = 1;
    delivery slow_writes;
    slow_writes.write_piece = 5;
    for (const delivery& how : {delivery{}, slow_reads, slow_writes})
        for (const asio::cancellation_type type : all_types) {
            int steps = 0;
            while (!cancel_after(steps, server, program, type, how) && !testing::Test::HasFailure())
                ++steps;
            EXPECT_FALSE(testing::Test::HasFailure()) << "cancelled after " << steps << " handlers";
            EXPECT_GT(steps, how.read_piece == 1 ? 30 : 1);
        }
}

} // namespace tusk::test
