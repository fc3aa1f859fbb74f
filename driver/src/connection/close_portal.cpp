#include "connection/close_portal.hpp"

#include "connection/engine.hpp"
#include "protocol/frontend.hpp"

namespace tusk::detail {

staging close_portal_operation::stage(engine& at)
{
    if (to.level->finished)
        return staging::finished; // it goes with its transaction
    protocol::write_close_portal(at.out(), portal_);
    reply.expect(protocol::step::close);
    protocol::write_sync(at.out());
    return staging::staged;
}

bool close_portal_operation::settle(engine& /*at*/, char status)
{
    note_transaction_status(status);
    return true;
}

request_ptr make_close_portal(target where, std::string portal)
{
    return request_ptr{new close_portal_operation{std::move(where), std::move(portal)}};
}

} // namespace tusk::detail
