#include "connection/notification_inbox.hpp"

#include "connection/notification.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <utility>

namespace tusk::detail {

namespace {

notification parse(const protocol::backend_message& message)
{
    byte_reader reader{message.body, "NotificationResponse"};
    notification parsed;
    parsed.backend_pid = reader.take<std::int32_t>();
    parsed.channel = reader.take_cstring();
    parsed.payload = reader.take_cstring();
    reader.expect_end();
    return parsed;
}

} // namespace

request_ptr notification_inbox::receive(const protocol::backend_message& message)
{
    notification came = parse(message);
    if (waiting_.empty()) {
        if (kept_.size() < most_)
            kept_.push_back(std::move(came));
        else
            ++lost_;
        return {};
    }
    request_ptr first = waiting_.pop_front();
    static_cast<notification_operation&>(*first).note = std::move(came);
    return first;
}

bool notification_inbox::give(notification_operation& to)
{
    // Told at once: whoever never gets to the last one that was kept would not hear of it otherwise.
    if (const std::size_t lost = std::exchange(lost_, 0)) {
        to.refuse(failure{std::make_exception_ptr(notification_overflow{
            fmt::format(
                "{} notification(s) were lost, because {} were waiting to be asked for already (those are still "
                "there): call next_notification more often, or raise notification_queue_size",
                lost, most_),
            lost})});
        return true;
    }
    if (!kept_.empty()) {
        to.note = std::move(kept_.front());
        kept_.pop_front();
        return true;
    }
    waiting_.push_back(request_ptr{&to});
    return false;
}

} // namespace tusk::detail
