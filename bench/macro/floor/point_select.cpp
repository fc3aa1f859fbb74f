// The floor: what the system calls and the server cost, with next to nothing around them. The bytes that go out are
// encoded before the clock starts; of the answer, only the end is looked for.

#include "wire.hpp"
#include "workload.hpp"

namespace {

bench::measurement point_select(const bench::options& given)
{
    bench::wire::session session{given};
    bench::wire::flight flight;
    return bench::measure(given, [&](std::int64_t id, bench::checksum& sum) {
        session.exchange(flight.to(id));
        session.received().add_to(sum);
    });
}

const bench::work known{"point_select", point_select};

} // namespace
