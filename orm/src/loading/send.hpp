#pragma once

#include "unit_of_work/session_state.hpp"

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/parameters.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/session/detail/use.hpp>

#include <asio/awaitable.hpp>

#include <source_location>
#include <string_view>

namespace tusk::orm::detail {

/// Runs one statement as part of what a verb does. Text and parameters are taken over before it returns.
asio::awaitable<result> send(session_state& state, const tusk::detail::session_use& use, std::string_view sql,
                             const tusk::parameters& values,
                             std::source_location who = std::source_location::current());

} // namespace tusk::orm::detail
