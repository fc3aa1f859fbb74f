#pragma once

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/await.hpp>
#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/pipeline_access.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/pending.hpp>
#include <tusk/driver/result.hpp>

#include <asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace tusk {

/// Different statements in one round trip. Each verb takes its SQL and arguments over and gives a `pending` result;
/// `run` sends them all and waits for all answers.
///
/// `pipeline()` runs each statement by itself, in their order: one that fails touches no other (but fails a transaction
/// that it is part of, as anywhere). `atomic_pipeline()` runs all or nothing. Any number of statements fits: answers
/// are read while the rest is still being written. A pipeline that is never run sends nothing; one that was run can be
/// filled and run again.
///
/// @par Thread safety  Call from the connection's strand.
class pipeline
{
public:
    /// As the verbs of `connection`; see `tusk::verbs`.
    template <class... A>
    pending<result> query(std::string_view sql, A&&... arguments)
    {
        return add<result, detail::take_result>(sql, std::forward<A>(arguments)...);
    }

    template <class T, class... A>
    pending<T> query_one(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return add<T, detail::take_one<T>>(sql, std::forward<A>(arguments)...);
    }

    template <class T, class... A>
    pending<std::optional<T>> query_optional(std::string_view sql, A&&... arguments)
    {
        detail::refuse_borrowed<T>();
        return add<std::optional<T>, detail::take_optional<T>>(sql, std::forward<A>(arguments)...);
    }

    template <class... A>
    pending<command_tag> execute(std::string_view sql, A&&... arguments)
    {
        return add<command_tag, detail::take_tag>(sql, std::forward<A>(arguments)...);
    }

    /// How many statements wait to be run.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Runs them in their order and waits until every one has its result.
    /// @throws usage_error       Something else holds the connection. Nothing was run.
    /// @throws tusk::error       Of an atomic pipeline: the first error, which names its element. Nothing was kept;
    ///                           the `pending` of that element has the same error, the others `not_executed`.
    /// @par Cancellation  As every verb: the caller is released; results that are not there yet fail.
    [[nodiscard]] asio::awaitable<void> run()
    {
        size_ = 0;
        return detail::await_nothing(
            std::exchange(whole_, is_atomic_ ? detail::make_atomic_pipeline(to_) : detail::make_pipeline(to_)));
    }

private:
    template <class>
    friend class verbs;

    pipeline(const detail::target& to, bool is_atomic)
        : to_{to},
          is_atomic_{is_atomic},
          whole_{is_atomic ? detail::make_atomic_pipeline(to) : detail::make_pipeline(to)}
    {
    }

    template <class T, class Take, class... A>
    pending<T> add(std::string_view sql, A&&... arguments)
    {
        auto state = std::make_shared<detail::pending_state<T>>();
        detail::add_part(
            whole_, detail::make_part<T, Take>(detail::make_query(to_, sql, std::forward<A>(arguments)...), state));
        ++size_;
        return pending<T>{std::move(state)};
    }

    detail::target to_;
    bool is_atomic_;
    detail::request_ptr whole_;
    std::size_t size_ = 0;
};

} // namespace tusk
