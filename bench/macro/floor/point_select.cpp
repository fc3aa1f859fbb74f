// The floor: what the system calls and the server cost, with next to nothing around them. The bytes that go out are
// encoded before the clock starts; of the answer, only the end is looked for.

#include "wire_session.hpp"

namespace {

using bench::wire::answered;

bench::measurement point_select(const bench::options& given)
{
    bench::wire::session session = bench::wire::point_session(given);
    bench::wire::flight flight;
    return bench::measure(given, bench::warm_up, [&](std::size_t i, bench::checksum& sum) {
        session.exchange(flight.to(bench::id_of(i)), [&](const answered& each) {
            if (each.type == 'D')
                bench::wire::add_point(each.body, sum);
        });
    });
}

const bench::work known{"point_select", point_select};

} // namespace
