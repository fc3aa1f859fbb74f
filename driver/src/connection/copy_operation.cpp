#include "connection/copy_operation.hpp"

#include "connection/engine.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

namespace tusk::detail {

void copy_operation::check(engine& at)
{
    operation::check(at);
    check_level_usable();
    if (at.is_shared())
        throw usage_error{"the connection is shared: a COPY would hold up the others; let go of the shared handles "
                          "first, or use a connection of its own"};
    at.take_lease(*this);
}

void copy_operation::stage_start(engine& at)
{
    check_level_usable();
    stage_closes(at);
    stage_unsent_levels(at);
    if (asks_for_types()) {
        protocol::write_parse(at.out(), {}, describe_, {});
        protocol::write_describe_statement(at.out(), {});
        reply.expect(protocol::step::prepare);
    }
    protocol::write_parse(at.out(), {}, copy_, {});
    reply.expect(protocol::step::parse);
    protocol::write_bind_nothing(at.out(), {});
    protocol::write_execute(at.out());
    reply.expect(protocol::step::execute);
    at.statements().closing().clear();
    levels_sent();
}

} // namespace tusk::detail
