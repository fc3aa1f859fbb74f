#include "connection/type_lookup.hpp"

#include "protocol/frontend.hpp"

#include <tusk/driver/codec/array.hpp>
#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/sqlstate.hpp>

#include <array>
#include <cstdint>

namespace tusk::detail {

namespace {

constexpr oid oid_array = 1028;

} // namespace

void type_lookup::stage(byte_writer& out, protocol::reply& answer) const
{
    constexpr std::array<oid, 1> declared{oid_array};
    protocol::write_parse(out, {}, types::type_catalog::query(), declared);
    protocol::write_describe_statement(out, {});
    answer.expect(protocol::step::prepare);
    protocol::message_scope bind{out, 'B'};
    out.put_cstring({});
    out.put_cstring({});
    out.put(std::uint16_t{1});
    out.put(static_cast<std::int16_t>(format::binary));
    out.put(std::uint16_t{1});
    const std::size_t at_length = out.size();
    out.put(std::int32_t{0});
    codec<std::vector<oid>>::encoder(oid_array).write(asked_, out);
    out.patch(at_length, static_cast<std::int32_t>(out.size() - at_length - sizeof(std::int32_t)));
    out.put(std::int16_t{1});
    out.put(static_cast<std::int16_t>(format::binary));
    bind.end();
    answer.expect(protocol::step::execute);
    protocol::write_execute(out);
    protocol::write_sync(out);
}

void type_lookup::receive_rows(const arrived_rows& run) { rows_.append(run, types::type_catalog::columns().size()); }

failure type_lookup::finish(types::type_catalog& into)
{
    const error_fields* refused = why_.fields();
    if (refused == nullptr)
        into.absorb(asked_, rows_);
    else if (refused->sqlstate == sqlstate::insufficient_privilege)
        into.give_up(asked_);
    return std::move(why_);
}

} // namespace tusk::detail
