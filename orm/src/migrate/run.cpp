#include "migrate/run.hpp"

#include "migrate/guards.hpp"
#include "migrate/names.hpp"
#include "migrate/pause.hpp"
#include "migrate/statements.hpp"

#include <tusk/driver/conditions.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tusk::migrate::detail {

namespace {

std::string set_timeout(std::string_view what, std::chrono::milliseconds length, bool locally)
{
    return fmt::format("SET {}{} = {}", locally ? "LOCAL " : "", what, length.count());
}

asio::awaitable<void> limit_waiting(transaction& in, const settings& with, const revision& one)
{
    const std::string lock = set_timeout("lock_timeout", one.lock_timeout.value_or(with.lock_timeout), true);
    const std::string statement =
        set_timeout("statement_timeout", one.statement_timeout.value_or(with.statement_timeout), true);
    co_await in.execute(lock);
    co_await in.execute(statement);
}

/// Moves the version table, and says in the log that the revision is done.
asio::awaitable<void> record(transaction& in, const run_context& run, const revision& one, revision_set& applied)
{
    const std::vector<std::string> from = head_ids(run.all, applied);
    if (run.way == direction::upgrade)
        applied.insert(&one);
    else
        applied.erase(&one);
    const std::vector<std::string> to = head_ids(run.all, applied);
    for (const std::string& each : run.versions.move(from, to)) {
        const command_tag tag = co_await in.execute(each);
        if (tag.rows_affected() != 1)
            throw usage_error{fmt::format("Online migration expected to match one row in '{}', and {} were found: "
                                          "somebody else has changed the table. The statement was: {}",
                                          run.versions.name(), tag.rows_affected(), each)};
    }
    const std::string done = run.versions.log_done(one, run.way);
    co_await in.execute(done);
}

/// How far an earlier run came.
std::size_t statements_done_before(const run_context& run, const revision& one)
{
    const auto found = run.log.find(one.id);
    if (found == run.log.end() || found->second.running.empty())
        return 0;
    if (found->second.content_hash != one.content_hash())
        throw usage_error{fmt::format("Revision {} was edited after its {} had stopped half way, after {} statements. "
                                      "Put the file back, or finish by hand and say so with the command stamp",
                                      one.id, found->second.running, found->second.statements_done)};
    return static_cast<std::size_t>(found->second.statements_done);
}

class revision_run
{
public:
    revision_run(connection& on, run_context& in, const revision& one)
        : on_{on},
          run_{in},
          one_{one},
          statements_{split_statements(in.way == direction::upgrade ? one.upgrade : one.downgrade)},
          groups_{group_statements(statements_, one.mode)},
          done_{statements_done_before(in, one)}
    {
    }

    asio::awaitable<void> go()
    {
        if (done_ > 0)
            say(fmt::format("Revision {} was interrupted after {} of {} statements; going on there", one_.id, done_,
                            statements_.size()));
        if (groups_.empty() || !groups_.back().in_transaction)
            groups_.push_back({statements_.size(), statements_.size(), true}); // what is written down at the end
        for (const statement_group& each : groups_) {
            const bool is_last = &each == &groups_.back();
            if (each.end <= done_ && !is_last)
                continue;
            for (std::size_t i = std::max(each.begin, done_); i < each.end; ++i)
                co_await check_marks(on_, statements_[i], run_.with);
            if (each.in_transaction)
                co_await with_patience(each, is_last);
            else
                co_await run_alone(each);
        }
    }

private:
    void say(std::string_view text) const
    {
        if (run_.with.report)
            run_.with.report(text);
    }

    /// Gives way to others and tries again, as often as the settings say.
    asio::awaitable<void> with_patience(statement_group group, bool is_last)
    {
        for (int attempt = 1;; ++attempt) {
            std::string refusal;
            try {
                co_await run_in_transaction(group, is_last);
                co_return;
            } catch (const lock_not_available& refused) {
                if (attempt >= run_.with.attempts)
                    throw;
                refusal = refused.what();
            } catch (const deadlock_detected& refused) {
                if (attempt >= run_.with.attempts)
                    throw;
                refusal = refused.what();
            }
            say(fmt::format("Somebody is in the way ({}); attempt {} of {} follows", refusal, attempt + 1,
                            run_.with.attempts));
            co_await pause(std::chrono::milliseconds{500} * attempt);
        }
    }

    asio::awaitable<void> run_in_transaction(statement_group group, bool is_last)
    {
        transaction tx = co_await on_.begin();
        co_await limit_waiting(tx, run_.with, one_);
        const steps::step* first = run_.way == direction::downgrade ? run_.also.downgrade_of(one_.id) : nullptr;
        if (first != nullptr && group.begin == 0)
            co_await (*first)(tx);
        for (std::size_t i = group.begin; i < group.end; ++i)
            co_await tx.execute(statements_[i].sql);
        revision_set applied = run_.applied;
        if (is_last) {
            const steps::step* last = run_.way == direction::upgrade ? run_.also.upgrade_of(one_.id) : nullptr;
            if (last != nullptr)
                co_await (*last)(tx);
            co_await record(tx, run_, one_, applied);
        } else {
            const std::string progress = run_.versions.log_progress(one_, run_.way, group.end);
            co_await tx.execute(progress);
        }
        co_await tx.commit();
        run_.applied = applied;
    }

    asio::awaitable<void> run_alone(statement_group group)
    {
        const statement& what = statements_[group.begin];
        // Written down first, so that a run that is killed in the middle is seen to have been there.
        const std::string before = run_.versions.log_progress(one_, run_.way, group.begin);
        co_await on_.execute(before);
        const bool is_done_already = co_await mend_index(what);
        if (!is_done_already) {
            const std::string lock =
                set_timeout("lock_timeout", one_.lock_timeout.value_or(std::chrono::milliseconds{0}), false);
            const std::string length =
                set_timeout("statement_timeout", one_.statement_timeout.value_or(std::chrono::milliseconds{0}), false);
            co_await on_.execute(lock);
            co_await on_.execute(length);
            const auto outcome = co_await on_.try_execute(what.sql);
            co_await on_.execute("RESET lock_timeout");
            co_await on_.execute("RESET statement_timeout");
            static_cast<void>(outcome.value());
        }
        const std::string after = run_.versions.log_progress(one_, run_.way, group.end);
        co_await on_.execute(after);
    }

    /// CREATE INDEX CONCURRENTLY that was stopped leaves an index that is INVALID: nobody uses it, and everybody keeps
    /// it up. @returns Whether the statement has nothing left to do.
    asio::awaitable<bool> mend_index(const statement& what)
    {
        const concurrent_index index = find_concurrent_index(what.sql);
        if (index.name.empty())
            co_return false;
        const auto is_valid = co_await on_.query_optional<bool>(
            "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass($1)", index.name);
        if (!index.is_built)
            co_return !is_valid.has_value();
        if (!is_valid)
            co_return false;
        if (*is_valid)
            co_return true;
        say(fmt::format("The index {} is INVALID, left behind by a build that was stopped; it is dropped and built "
                        "anew",
                        index.name));
        const std::string drop = fmt::format("DROP INDEX CONCURRENTLY {}", index.name);
        co_await on_.execute(drop);
        co_return false;
    }

    connection& on_;
    run_context& run_;
    const revision& one_;
    std::vector<statement> statements_;
    std::vector<statement_group> groups_;
    std::size_t done_;
};

} // namespace

std::vector<statement_group> group_statements(const std::vector<statement>& all, transaction_mode mode)
{
    std::vector<statement_group> groups;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool alone = mode == transaction_mode::separately || runs_outside_transactions(all[i].sql);
        const bool joins =
            !groups.empty() && groups.back().in_transaction && !alone && all[i].find_mark("commit") == nullptr;
        if (joins)
            groups.back().end = i + 1;
        else
            groups.push_back({i, i + 1, !alone});
    }
    return groups;
}

std::vector<std::string> head_ids(const history& all, const revision_set& applied)
{
    std::vector<std::string> ids;
    for (const revision* each : all.heads_of(applied))
        ids.push_back(each->id);
    return ids;
}

std::string described(const revision& one, direction way)
{
    const std::string parents = one.parents.empty() ? "base" : fmt::format("{}", fmt::join(one.parents, ", "));
    return way == direction::upgrade ? fmt::format("{} -> {}, {}", parents, one.id, one.message)
                                     : fmt::format("{} -> {}, {}", one.id, parents, one.message);
}

void require_revisions_of(const steps& also, const history& all)
{
    for (const std::string& each : also.revisions())
        if (all.find(each) == nullptr)
            throw usage_error{fmt::format("There is a step in C++ for revision {}, which is none of the files here: "
                                          "correct the id that it is added for, or bring the file back",
                                          each)};
}

asio::awaitable<void> run_revision(connection& on, run_context& in, const revision& one)
{
    revision_run run{on, in, one};
    co_await run.go();
}

asio::awaitable<void> run_together(connection& on, run_context& in, const std::vector<const revision*>& path)
{
    transaction tx = co_await on.begin();
    revision_set applied = in.applied;
    for (const revision* each : path) {
        if (in.with.report)
            in.with.report(fmt::format("Running {} {}", word_of(in.way), described(*each, in.way)));
        if (statements_done_before(in, *each) != 0)
            throw usage_error{fmt::format("Revision {} is half done: finish it without --one-transaction", each->id)};
        co_await limit_waiting(tx, in.with, *each);
        const bool is_up = in.way == direction::upgrade;
        const steps::step* first = is_up ? nullptr : in.also.downgrade_of(each->id);
        if (first != nullptr)
            co_await (*first)(tx);
        for (const statement& one : split_statements(is_up ? each->upgrade : each->downgrade)) {
            if (runs_outside_transactions(one.sql))
                throw usage_error{fmt::format("Revision {} has a statement that cannot run inside a transaction; run "
                                              "it without --one-transaction:\n{}",
                                              each->id, one.sql)};
            co_await check_marks(tx, one, in.with);
            co_await tx.execute(one.sql);
        }
        const steps::step* last = is_up ? in.also.upgrade_of(each->id) : nullptr;
        if (last != nullptr)
            co_await (*last)(tx);
        co_await record(tx, in, *each, applied);
    }
    co_await tx.commit();
    in.applied = applied;
}

} // namespace tusk::migrate::detail
