#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/outcome.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace tusk::detail {

/// What becomes of one request of a pipeline; shared by the pipeline and whoever asks.
template <class T>
struct pending_state {
    std::optional<outcome<T>> came;
};

/// Stands where a request alone has its caller.
template <class T>
struct pending_handler {
    std::shared_ptr<pending_state<T>> state;
    request_ptr whole;
};

/// A part of that whole has its answer.
void part_done(const request_ptr& whole);

template <class T, class Take>
void deliver_pending(request_ptr done)
{
    const pending_handler<T> to = done->take_handler<pending_handler<T>>();
    if (done->why) {
        to.state->came.emplace(done->why);
    } else {
        try {
            to.state->came.emplace(Take::from(*done));
        } catch (...) {
            to.state->came.emplace(failure{std::current_exception()});
        }
    }
    done.reset();
    part_done(to.whole);
}

/// A request that is ready to be run, and how its answer is awaited.
struct part {
    request_ptr what;
    std::shared_ptr<void> state;
    void (*await)(part& self, const request_ptr& whole);
};

template <class T, class Take>
part make_part(request_ptr what, std::shared_ptr<pending_state<T>> state)
{
    return {std::move(what), std::move(state), [](part& self, const request_ptr& whole) {
                self.what->keep_handler(
                    pending_handler<T>{std::static_pointer_cast<pending_state<T>>(std::move(self.state)), whole},
                    &deliver_pending<T, Take>);
            }};
}

/// All of them at once, in their order, each with a Sync of its own.
request_ptr make_pipeline(const target& to);
/// All of them under one Sync.
request_ptr make_atomic_pipeline(const target& to);
/// @throws usage_error  It was run already.
void add_part(const request_ptr& whole, part added);

[[noreturn]] void fail_not_run();

} // namespace tusk::detail
