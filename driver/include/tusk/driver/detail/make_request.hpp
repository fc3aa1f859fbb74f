#pragma once

#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/driver/detail/owned.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/parameters.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace tusk::detail {

/// A request under construction: where its arguments go, and how the finished block is handed in.
class query_block
{
public:
    /// Allocates a request with room for its SQL and arguments.
    /// @throws usage_error  The SQL holds a zero byte, or there are more than 65,535 parameters.
    query_block(const target& to, std::string_view sql, std::size_t parameter_count, std::size_t size,
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
request_ptr make_query(const target& to, std::string_view sql, A&&... arguments)
{
    (refuse_miscompiled<A>(), ...);
    using tuple = std::tuple<owned<A>...>;
    query_block block{to, sql, sizeof...(A), sizeof(tuple), alignof(tuple)};
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
request_ptr make_query(const target& to, std::string_view sql, const parameters& list);
inline request_ptr make_query(const target& to, std::string_view sql, parameters& list)
{
    return make_query(to, sql, std::as_const(list));
}
inline request_ptr make_query(const target& to, std::string_view sql, parameters&& list)
{
    return make_query(to, sql, std::as_const(list));
}

/// A string of statements for the simple protocol.
request_ptr make_script(const target& to, std::string_view sql);

} // namespace tusk::detail
