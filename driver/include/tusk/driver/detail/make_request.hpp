#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/driver/detail/owned.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/notification.hpp>
#include <tusk/driver/parameters.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// What becomes of the rows.
enum class verb : std::uint8_t { query, stream };

/// A request under construction: where its arguments go, and how the finished block is handed in.
class query_block
{
public:
    /// Allocates a request with room for its SQL and arguments.
    /// @throws usage_error  The SQL holds a zero byte, or there are more than 65,535 parameters.
    query_block(const target& to, verb kind, std::string_view sql, std::size_t parameter_count, std::size_t size,
                std::size_t alignment);

    /// Where the tuple of arguments is to be constructed.
    [[nodiscard]] void* arguments() const noexcept { return arguments_; }
    /// Where the parameters are described, one entry each.
    [[nodiscard]] std::span<parameter> parameters() const noexcept { return parameters_; }

    /// Says that the arguments are there and how they are destroyed.
    request_ptr finish(void (*destroy)(void*)) &&;

private:
    request_ptr made_;
    void* arguments_;
    std::span<parameter> parameters_;
};

/// A query or command with its arguments taken over.
template <class... A>
request_ptr make_statement(const target& to, verb kind, std::string_view sql, A&&... arguments)
{
    (refuse_miscompiled<A>(), ...);
    using tuple = std::tuple<owned<A>...>;
    query_block block{to, kind, sql, sizeof...(A), sizeof(tuple), alignof(tuple)};
    auto* kept = ::new (block.arguments()) tuple(take_ownership(std::forward<A>(arguments))...);
    std::apply(
        [&](const auto&... value) {
            [[maybe_unused]] std::size_t i = 0;
            ((block.parameters()[i++] = parameter_for(value)), ...);
        },
        *kept);
    return std::move(block).finish([](void* place) { static_cast<tuple*>(place)->~tuple(); });
}

/// The same with a list whose length is known at run time only.
request_ptr make_listed(const target& to, verb kind, std::string_view sql, const parameters& list);

template <class... A>
request_ptr make_request(const target& to, verb kind, std::string_view sql, A&&... arguments)
{
    if constexpr (sizeof...(A) == 1 && (std::is_same_v<std::remove_cvref_t<A>, parameters> && ...))
        return make_listed(to, kind, sql, arguments...);
    else
        return make_statement(to, kind, sql, std::forward<A>(arguments)...);
}

template <class... A>
request_ptr make_query(const target& to, std::string_view sql, A&&... arguments)
{
    return make_request(to, verb::query, sql, std::forward<A>(arguments)...);
}

/// A string of statements for the simple protocol.
request_ptr make_script(const target& to, std::string_view sql);

/// The next NOTIFY that arrives.
request_ptr make_next_notification(const target& to);

struct take_notification {
    static notification from(request& done);
};

/// LISTEN and UNLISTEN; no channel for all of them.
request_ptr make_listen(const target& to, std::string_view channel);
request_ptr make_unlisten(const target& to, std::optional<std::string_view> channel);

request_ptr make_close(target to);

} // namespace tusk::detail
