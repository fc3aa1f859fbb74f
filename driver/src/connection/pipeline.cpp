#include "connection/pipeline.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/prepare.hpp"
#include "connection/query.hpp"

#include <tusk/driver/error.hpp>

#include <exception>
#include <set>
#include <utility>

namespace tusk::detail {

namespace {

query_operation& query_of(const part& of) { return static_cast<query_operation&>(*of.what); }

} // namespace

void pipeline_parts::await_parts(const request_ptr& whole)
{
    for (part& each : parts_) {
        each.what->at_home = true;
        each.await(each, whole);
    }
}

// ---- Each by itself.

bool pipeline_operation::join(engine& at)
{
    const request_ptr self{this};
    await_parts(self);
    left_ = parts().size();
    if (left_ == 0) {
        at.complete(self);
    } else {
        at.begin_pipeline(self);
        prepare(at);
    }
    return true;
}

void pipeline_operation::prepare(engine& at)
{
    std::set<const statement*> seen;
    std::vector<request_ptr> needed;
    for (const part& each : parts())
        if (request_ptr made = query_of(each).make_preparation(at, seen))
            needed.push_back(std::move(made));
    preparing_ = needed.size();
    if (preparing_ == 0)
        run();
    for (request_ptr& each : needed) {
        each->at_home = true;
        each->keep_handler(request_ptr{this}, [](request_ptr done) {
            const auto whole = done->take_handler<request_ptr>();
            done.reset();
            auto& waiting = static_cast<pipeline_operation&>(*whole);
            // What cannot be prepared fails again when its turn comes, and then it is told.
            if (--waiting.preparing_ == 0)
                waiting.run();
        });
        at.submit(std::move(each));
    }
}

void pipeline_operation::run()
{
    for (part& each : parts()) {
        query_of(each).keep_order();
        // The deadline is that of the whole.
        each.what->to.timeout = {};
        if (each.what->has_handler())
            to.connection->submit(each.what);
    }
}

void pipeline_operation::part_done()
{
    if (--left_ != 0)
        return;
    const request_ptr self{this};
    to.connection->end_pipeline(*this);
    to.connection->complete(self);
}

void pipeline_operation::leave(engine& at)
{
    for (const part& each : parts())
        at.release(each.what, why);
}

void pipeline_operation::discard() noexcept
{
    operation::discard();
    for (part& each : parts())
        each.what->drop_handler();
}

// ---- All or nothing.

bool atomic_pipeline_operation::join(engine& /*at*/)
{
    await_parts(request_ptr{this});
    return false;
}

std::vector<std::shared_ptr<statement>> atomic_pipeline_operation::statements(engine& at)
{
    std::vector<std::shared_ptr<statement>> needed;
    std::set<const statement*> seen;
    statements_.resize(parts().size());
    for (std::size_t i = 0; i < parts().size(); ++i) {
        std::shared_ptr<statement>& each = statements_[i];
        if (!each || each->now == statement::state::broken) {
            const query_operation& query = query_of(parts()[i]);
            each = at.statements().get(query.sql(), declared_types_of(query.parameters()));
        }
        if (seen.insert(each.get()).second)
            needed.push_back(each);
    }
    return needed;
}

bool atomic_pipeline_operation::next(item& into)
{
    if (taken_ == parts().size())
        return false;
    statements_.resize(parts().size());
    into.with = &statements_[taken_];
    into.parameters = query_of(parts()[taken_]).parameters();
    ++taken_;
    return true;
}

void atomic_pipeline_operation::receive_rows_of(std::size_t position, const arrived_rows& run)
{
    const statement& of = *statements_[position];
    if (!of.columns)
        throw protocol_error{"the server sent rows for a statement that it had described as returning none, so the "
                             "connection is closed"};
    query_of(parts()[position]).rows_for(of).rows.append(run, of.columns->size());
}

void atomic_pipeline_operation::receive_tag_of(std::size_t position, std::string_view tag)
{
    query_of(parts()[position]).rows_for(*statements_[position]).tag = command_tag{tag};
}

void atomic_pipeline_operation::failed_to_prepare(const statement& which)
{
    for (std::size_t i = 0; i < statements_.size() && culprit_ == static_cast<std::size_t>(-1); ++i)
        if (statements_[i].get() == &which)
            culprit_ = i;
}

void atomic_pipeline_operation::ended(engine& at) noexcept
{
    tell_parts(at);
    statements_.clear();
}

void atomic_pipeline_operation::tell_parts(engine& at) noexcept
{
    if (std::exchange(told_, true))
        return;
    for (std::size_t i = 0; i < parts().size(); ++i) {
        operation& each = as_operation(parts()[i].what);
        if (why)
            each.refuse(i == culprit_
                            ? why
                            : failure{std::make_exception_ptr(not_executed{
                                  "it was not executed, or was rolled back, because the pipeline is all or nothing and "
                                  "did not succeed: " +
                                  why.message()})});
        if (each.has_handler())
            at.complete(parts()[i].what);
    }
}

void atomic_pipeline_operation::discard() noexcept
{
    batch_operation::discard();
    for (part& each : parts())
        each.what->drop_handler();
}

// ---- For the verbs.

request_ptr make_pipeline(const target& to) { return request_ptr{new pipeline_operation{to}}; }

request_ptr make_atomic_pipeline(const target& to) { return request_ptr{new atomic_pipeline_operation{to}}; }

void add_part(const request_ptr& whole, part added) { as_operation(whole).parts_of()->add(std::move(added)); }

void part_done(const request_ptr& whole) { as_operation(whole).parts_of()->part_done(); }

void fail_not_run() { throw usage_error{"this result is not there yet: co_await run() on its pipeline first"}; }

} // namespace tusk::detail
