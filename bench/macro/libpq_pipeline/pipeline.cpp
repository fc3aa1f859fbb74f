// libpq in its pipeline mode: many statements in one write.

#include "libpq_connection.hpp"

#include <poll.h>

#include <array>

namespace {

namespace pq = bench::pq;

/// Sends what is buffered, and waits for what can be read.
void move_on(PGconn* open)
{
    const int unsent = PQflush(open);
    pq::check(open, unsent >= 0);
    pollfd ready{PQsocket(open), static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT), 0};
    ::poll(&ready, 1, -1);
    if ((ready.revents & POLLIN) != 0)
        pq::check(open, PQconsumeInput(open) == 1);
}

/// Takes results until so many Syncs are answered.
template <class Take>
void finish(PGconn* open, std::size_t syncs, Take&& take)
{
    while (syncs != 0) {
        while (PQisBusy(open) != 0)
            move_on(open);
        if (PGresult* came = PQgetResult(open)) {
            const pq::result owned = pq::checked(open, came);
            if (PQresultStatus(owned.get()) == PGRES_PIPELINE_SYNC)
                --syncs;
            else
                take(owned.get());
        }
    }
}

pq::connection pipelining(const bench::options& given, const char* table, const char* sql)
{
    pq::connection open = pq::prepared(given, table, sql);
    pq::check(open.get(), PQenterPipelineMode(open.get()) == 1);
    PQsetnonblocking(open.get(), 1);
    return open;
}

template <std::size_t Length>
bench::measurement pipelined(const bench::options& given)
{
    const pq::connection owned = pipelining(given, bench::make_table, bench::select_one);
    PGconn* open = owned.get();
    const auto run = [&](std::size_t queries) {
        bench::checksum sum;
        for (std::size_t done = 0; done < queries; done += Length) {
            for (std::size_t i = 0; i < Length; ++i) {
                const pq::parameter id{bench::id_of(done + i)};
                pq::check(open, PQsendQueryPrepared(open, "s", 1, &id.value, &id.length, &id.binary, 1) == 1);
                pq::check(open, PQpipelineSync(open) == 1);
            }
            finish(open, Length, [&](const PGresult* rows) { pq::add_point(rows, sum); });
        }
        return sum;
    };
    run(Length * 10);
    const bench::stopwatch watch;
    return watch.stop(run(given.operations));
}

bench::measurement bulk_insert(const bench::options& given)
{
    const pq::connection owned = pipelining(given, bench::make_copied, bench::insert_row);
    PGconn* open = owned.get();
    const bench::samples rows;
    const auto run = [&](std::size_t count) {
        std::size_t inserted = 0;
        const auto take = [&](const PGresult*) { ++inserted; };
        for (std::size_t i = 0; i < count; ++i) {
            std::array<char, bench::wire::longest_row> bytes{};
            bench::wire::store_fields(bytes.data(), rows[i]);
            std::array<const char*, 6> values{};
            std::array<int, 6> lengths{};
            constexpr std::array<int, 6> binary{1, 1, 1, 1, 1, 1};
            const char* field = bytes.data();
            for (std::size_t each = 0; each < values.size(); ++each) {
                lengths[each] = static_cast<int>(bench::wire::load<std::uint32_t>(field));
                values[each] = field + 4;
                field += 4 + lengths[each];
            }
            pq::check(open, PQsendQueryPrepared(open, "s", 6, values.data(), lengths.data(), binary.data(), 1) == 1);
            // Now and then what can be moved is moved, so that neither side waits for the other.
            if (i % 256 == 255) {
                pq::check(open, PQflush(open) >= 0);
                pq::check(open, PQconsumeInput(open) == 1);
            }
        }
        pq::check(open, PQpipelineSync(open) == 1);
        finish(open, 1, take);
        return inserted;
    };
    run(1000);
    const bench::stopwatch watch;
    bench::checksum sum;
    sum.add(run(given.operations));
    return watch.stop(sum);
}

const bench::work known{"pipeline_100", pipelined<bench::pipeline_length>};
const bench::work callers{"callers_1000", pipelined<bench::caller_count>};
const bench::work insert{"bulk_insert", bulk_insert};

} // namespace
