// Several connections, each with one query on its way: the functions that do not wait, and poll.

#include "libpq_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace {

namespace pq = bench::pq;

class crowd
{
public:
    crowd(const bench::options& given, std::size_t connections)
        : waiting_(connections, pollfd{-1, POLLIN, 0}), began_(connections)
    {
        for (std::size_t i = 0; i < connections; ++i) {
            open_.push_back(pq::prepared(given, bench::make_table, bench::select_one));
            waiting_[i].fd = PQsocket(open_.back().get());
        }
    }

    bench::checksum run(std::size_t queries, bench::laps& laps)
    {
        bench::checksum sum;
        std::size_t sent = 0;
        for (std::size_t i = 0; i < std::min(open_.size(), queries); ++i)
            send(i, sent++, laps);
        for (std::size_t done = 0; done < queries;) {
            ::poll(waiting_.data(), waiting_.size(), -1);
            for (std::size_t i = 0; i < waiting_.size(); ++i) {
                PGconn* ready = open_[i].get();
                if (waiting_[i].revents == 0)
                    continue;
                pq::check(ready, PQconsumeInput(ready) == 1);
                if (PQisBusy(ready) != 0)
                    continue;
                while (PGresult* came = PQgetResult(ready))
                    pq::add_point(pq::checked(ready, came).get(), sum);
                ++done;
                if (laps.noted())
                    laps.note(began_[i]);
                if (sent < queries)
                    send(i, sent++, laps);
            }
        }
        return sum;
    }

private:
    void send(std::size_t which, std::size_t query, const bench::laps& laps)
    {
        if (laps.noted())
            began_[which] = std::chrono::steady_clock::now();
        const pq::parameter id{bench::id_of(query)};
        PGconn* to = open_[which].get();
        pq::check(to, PQsendQueryPrepared(to, "s", 1, &id.value, &id.length, &id.binary, 1) == 1);
    }

    std::vector<pq::connection> open_;
    std::vector<pollfd> waiting_;
    std::vector<std::chrono::steady_clock::time_point> began_;
};

template <std::size_t Connections>
bench::measurement select_rows(const bench::options& given)
{
    crowd all{given, Connections};
    bench::laps none{0};
    all.run(bench::warm_up * Connections, none);
    const bench::stopwatch watch;
    const bench::checksum sum = all.run(given.operations, none);
    bench::measurement took = watch.stop(sum);
    bench::laps timed{bench::lap_count(given)};
    all.run(bench::lap_count(given), timed);
    took.latencies = timed.take();
    return took;
}

const bench::work known{"point_select_10", select_rows<bench::connection_count>};

} // namespace
