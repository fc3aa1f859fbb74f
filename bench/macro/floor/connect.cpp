// A session that is opened and closed again.

#include "wire_session.hpp"

namespace {

bench::measurement connect(const bench::options& given)
{
    return bench::measure(given, 5, [&](std::size_t /*i*/, bench::checksum& sum) {
        bench::wire::session session{given};
        session.send(bench::wire::message("X", {}));
        sum.add(1);
    });
}

const bench::work cold{"connect_cold", connect};
const bench::work warm{"connect_warm", connect};

} // namespace
