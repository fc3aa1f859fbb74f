#pragma once

#include "lending/pool_state.hpp"

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include <utility>

namespace tusk::detail {

template <class Function>
void pool_state::at_home(const pool_place& place, Function&& function)
{
    if (options_.thread_safe)
        asio::dispatch(place.executor, std::forward<Function>(function));
    else
        function();
}

template <class Function>
void pool_state::behind_engine(const pool_state& of, const pool_place& place, Function&& function)
{
    if (of.options_.thread_safe)
        asio::post(place.executor, std::forward<Function>(function));
    else
        function();
}

} // namespace tusk::detail
