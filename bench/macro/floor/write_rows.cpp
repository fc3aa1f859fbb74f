// Rows of six typed columns, written from C++ values: by COPY, and as one INSERT each.

#include "copy_chunks.hpp"
#include "wire_session.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using bench::wire::answered;
using bench::wire::store;

bench::measurement copy_in(const bench::options& given)
{
    bench::wire::session session{given};
    session.exchange(bench::wire::query(bench::make_copied));
    const bench::samples rows;
    const auto run = [&](std::size_t count) {
        session.send(bench::wire::query(bench::copy_in));
        bench::wire::copy_chunks chunks{rows, count};
        for (std::string_view chunk = chunks.next(); !chunk.empty(); chunk = chunks.next())
            session.send(chunk);
        session.exchange(bench::wire::message("c", {}));
    };
    run(1000);
    const bench::stopwatch watch;
    run(given.operations);
    bench::checksum sum;
    sum.add(given.operations);
    return watch.stop(sum);
}

bench::measurement bulk_insert(const bench::options& given)
{
    constexpr std::size_t piece = 64UL * 1024;
    bench::wire::session session{given, 256UL * 1024};
    session.exchange(bench::wire::query(bench::make_copied));
    session.prepare(bench::insert_row);
    const bench::samples rows;
    const std::string head = bench::wire::bind_head("s", 6);
    const std::string tail = bench::wire::bind_tail() + bench::wire::execute();
    const std::size_t behind_bind = bench::wire::execute().size();
    std::vector<char> bytes(piece + 2 * bench::wire::longest_row);
    const auto run = [&](std::size_t count) {
        std::size_t inserted = 0;
        const auto take = [&](const answered& each) { inserted += each.type == 'C' ? 1 : 0; };
        const auto send = [&](const char* end) {
            session.send({bytes.data(), static_cast<std::size_t>(end - bytes.data())});
            while (session.has_arrived()) {
                session.read();
                session.take(take);
            }
        };
        char* place = bytes.data();
        for (std::size_t i = 0; i < count; ++i) {
            char* const start = place;
            store(place, static_cast<std::uint8_t>('B'));
            place += 4;
            std::memcpy(place, head.data(), head.size());
            place = bench::wire::store_fields(place + head.size(), rows[i]);
            std::memcpy(place, tail.data(), tail.size());
            place += tail.size();
            char* at_length = start + 1;
            store(at_length, static_cast<std::uint32_t>(static_cast<std::size_t>(place - start) - 1 - behind_bind));
            if (place - bytes.data() > static_cast<std::ptrdiff_t>(piece)) {
                send(place);
                place = bytes.data();
            }
        }
        send(place);
        session.send(bench::wire::sync());
        session.finish(take);
        return inserted;
    };
    run(1000);
    const bench::stopwatch watch;
    bench::checksum sum;
    sum.add(run(given.operations));
    return watch.stop(sum);
}

const bench::work copy{"copy_in", copy_in};
const bench::work insert{"bulk_insert", bulk_insert};

} // namespace
