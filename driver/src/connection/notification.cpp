#include "connection/notification.hpp"

#include "connection/engine.hpp"

#include <tusk/driver/detail/make_request.hpp>

#include <utility>

namespace tusk::detail {

bool notification_operation::join(engine& at)
{
    if (at.inbox().give(*this))
        at.complete(request_ptr{this});
    return true;
}

void notification_operation::leave(engine& at) { at.inbox().leave(*this); }

request_ptr make_next_notification(const target& to) { return request_ptr{new notification_operation{to}}; }

notification take_notification::from(request& done)
{
    return std::move(static_cast<notification_operation&>(done).note);
}

} // namespace tusk::detail
