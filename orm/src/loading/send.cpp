#include "loading/send.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/session/detail/access.hpp>
#include <tusk/session/detail/run.hpp>

namespace tusk::orm::detail {

asio::awaitable<result> send(session_state& state, const tusk::detail::session_use& use, std::string_view sql,
                             const tusk::parameters& values, std::source_location who)
{
    return tusk::detail::run_within<result, tusk::detail::take_result>(
        use,
        tusk::detail::make_query(tusk::detail::target{}, tusk::detail::session_access::said(state.sql(), sql), values),
        who);
}

} // namespace tusk::orm::detail
