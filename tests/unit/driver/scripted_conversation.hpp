#pragma once

#include "support/script_messages.hpp"
#include "support/scripted_session.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

/// Conversations recorded from PostgreSQL 15.18 and what every one of them must withstand.
namespace tusk::test {

inline connect_options options_for(std::string_view user, std::string_view password = {})
{
    connect_options options;
    options.user = user;
    options.password = password;
    options.dbname = "postgres";
    options.application_name = "till";
    return options;
}

inline std::string startup_request(const std::string& user)
{
    return frontend::startup(
        {{"user", user}, {"database", "postgres"}, {"application_name", "till"}, {"client_encoding", "UTF8"}});
}

/// What follows AuthenticationOk.
inline std::string greeting(std::string_view user)
{
    using namespace backend;
    return parameter_status("application_name", "till") + parameter_status("client_encoding", "UTF8") +
           parameter_status("DateStyle", "ISO, MDY") + parameter_status("default_transaction_read_only", "off") +
           parameter_status("in_hot_standby", "off") + parameter_status("integer_datetimes", "on") +
           parameter_status("IntervalStyle", "postgres") + parameter_status("is_superuser", "off") +
           parameter_status("server_encoding", "UTF8") +
           parameter_status("server_version", "15.18 (Debian 15.18-0+deb12u1)") +
           parameter_status("session_authorization", user) + parameter_status("standard_conforming_strings", "on") +
           parameter_status("TimeZone", "UTC") + key_data(25505, "\xdc\x62\x6b\x8d") + ready('I');
}

inline const std::string trusted_user = "u_trust";

/// The beginning of every conversation that is not about the start-up.
inline script logged_in()
{
    script talk;
    talk.expect(startup_request(trusted_user)).send(backend::authentication(0) + greeting(trusted_user));
    return talk;
}

/// The end of a conversation in which the program closes the connection.
inline script& said_goodbye(script& talk) { return talk.expect(frontend::terminate()).close(); }

struct conversation {
    std::string name;
    /// Makes the script: some need a fresh state in each run.
    std::function<script()> plays;
    scripted_session::program program = nullptr;
    /// What the program is told when all goes well.
    std::vector<std::string> told;
    connect_options options = options_for(trusted_user);
    /// The driver's bytes are the same in every run (with SCRAM they are not: there are nonces).
    bool repeatable = true;
    /// The start-up is not taken apart once more.
    std::size_t first_read = backend::authentication(0).size() + greeting(trusted_user).size();
    std::size_t first_written = startup_request(trusted_user).size();

    friend void PrintTo(const conversation& of, std::ostream* out) { *out << of.name; }
};

inline std::string name_of(const testing::TestParamInfo<conversation>& of) { return of.param.name; }

/// Plays it with bytes handed over in some way, and compares with what an undisturbed run gave.
inline void expect_the_same(const conversation& of, const delivery& how, const std::string& written)
{
    scripted_session session{of.plays(), how, of.options};
    session.run(of.program);
    EXPECT_TRUE(session.is_finished());
    EXPECT_EQ(session.transcript(), of.told);
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_TRUE(session.peer().is_done());
    EXPECT_TRUE(session.peer().is_closed());
    if (of.repeatable && !written.empty()) {
        EXPECT_TRUE(session.peer().written() == written) << "other bytes were written";
    }
}

struct totals {
    std::string written;
    std::size_t given = 0;
    std::size_t writes = 0;
};

/// The undisturbed run.
inline totals play_undisturbed(const conversation& of)
{
    expect_the_same(of, {}, {});
    scripted_session session{of.plays(), {}, of.options};
    session.run(of.program);
    return {session.peer().written(), session.peer().given(), session.peer().writes()};
}

/// However the server's bytes are split, the program is told the same.
inline void check_reads(const conversation& of)
{
    const totals whole = play_undisturbed(of);
    delivery how;
    for (const std::size_t piece : {1U, 2U, 5U, 7U}) {
        how.read_piece = piece;
        SCOPED_TRACE(testing::Message() << "in reads of " << piece);
        expect_the_same(of, how, whole.written);
    }
    how = {};
    for (how.split_at = of.first_read + 1; how.split_at < whole.given; ++how.split_at) {
        SCOPED_TRACE(testing::Message() << "split at " << how.split_at);
        expect_the_same(of, how, whole.written);
        if (testing::Test::HasFailure())
            return;
    }
}

/// However little of a write is taken, the server receives the same bytes, and the program is told the same.
inline void check_writes(const conversation& of)
{
    const totals whole = play_undisturbed(of);
    delivery how;
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
        how.write_piece = piece;
        SCOPED_TRACE(testing::Message() << "in writes of " << piece);
        expect_the_same(of, how, whole.written);
    }
    how.write_piece = 11;
    for (how.block_write = 0; how.block_write != whole.writes + 4; ++how.block_write) {
        SCOPED_TRACE(testing::Message() << "write " << how.block_write << " would block");
        expect_the_same(of, how, whole.written);
    }
}

/// What one call may be told after the connection was lost.
inline void expect_loss(const scripted_session::call& lost)
{
    SCOPED_TRACE(lost.what + ": " + lost.said);
    const bool taken = lost.taken_after != lost.taken_before;
    EXPECT_TRUE(is<connection_error>(lost.error));
    EXPECT_FALSE(lost.open_after);
    // Of a commit that is about to fail, it depends on how much of the answer came.
    if (lost.what != "failed commit") {
        EXPECT_EQ(is<commit_outcome_unknown>(lost.error), taken && lost.what == "commit");
    }
    const bool safe = lost.said == "connection_error, safe to retry";
    EXPECT_EQ(safe, !taken) << "safe_to_retry() has to mean that no byte was taken, and "
                            << lost.taken_after - lost.taken_before << " were";
}

/// Plays it with an error placed somewhere: whatever the program was told before is the truth, everything from the
/// loss on is a typed error, nothing hangs, and the connection knows that it is closed.
inline void expect_honest_loss(const conversation& of, const delivery& how)
{
    scripted_session session{of.plays(), how, of.options};
    session.run(of.program);
    EXPECT_TRUE(session.is_finished()) << "it hangs";
    EXPECT_EQ(session.peer().complaint(), "");
    EXPECT_TRUE(session.peer().is_closed());
    if (!session.is_connected()) {
        EXPECT_TRUE(is<connection_error>(session.failure())) << describe(session.failure());
        return;
    }
    bool lost = false;
    for (std::size_t i = 0; i != session.calls().size(); ++i) {
        const scripted_session::call& each = session.calls()[i];
        if (each.what == "close") { // closing what is closed already does nothing
            EXPECT_EQ(each.said, "done");
            continue;
        }
        const std::string line = each.what.empty() ? each.said : each.what + ": " + each.said;
        if (i < of.told.size() && line == of.told[i] && !lost)
            continue;
        lost = true;
        expect_loss(each);
    }
    if (session.failure()) {
        EXPECT_TRUE(is<tusk::error>(session.failure())) << describe(session.failure());
    }
}

/// An error at every byte that is read.
inline void check_lost_reads(const conversation& of)
{
    const totals whole = play_undisturbed(of);
    for (const asio::error_code error :
         {asio::error_code{asio::error::eof}, asio::error_code{asio::error::timed_out}}) {
        delivery how;
        how.read_error = error;
        for (how.cut_reads_at = of.first_read; how.cut_reads_at < whole.given; ++how.cut_reads_at) {
            SCOPED_TRACE(testing::Message() << "reads end at " << how.cut_reads_at << " with " << error.message());
            expect_honest_loss(of, how);
            if (testing::Test::HasFailure())
                return;
        }
    }
}

/// An error at every byte that is written.
inline void check_lost_writes(const conversation& of)
{
    const totals whole = play_undisturbed(of);
    delivery how;
    for (how.cut_writes_at = of.first_written; how.cut_writes_at < whole.written.size(); ++how.cut_writes_at) {
        SCOPED_TRACE(testing::Message() << "writes end at " << how.cut_writes_at);
        expect_honest_loss(of, how);
        if (testing::Test::HasFailure())
            return;
    }
}

} // namespace tusk::test
