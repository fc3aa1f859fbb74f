#include "connection/close.hpp"

#include "connection/engine.hpp"
#include "protocol/frontend.hpp"

#include <utility>

namespace tusk::detail {

staging close_operation::stage(engine& at)
{
    // Behind everything, second flights and what waits for a statement included.
    if (at.has_in_flight())
        return staging::wait;
    if (at.has_pipelines())
        return staging::parked; // their parts come behind it
    protocol::write_terminate(at.out());
    at.hang_up();
    return staging::staged;
}

request_ptr make_close(target where) { return request_ptr{new close_operation{std::move(where)}}; }

} // namespace tusk::detail
