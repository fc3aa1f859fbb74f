// Several connections, each with one query on its way, and one thread that waits for all of them.

#include "wire_session.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

namespace {

using bench::wire::answered;

class crowd
{
public:
    crowd(const bench::options& given, std::size_t connections) : began_(connections)
    {
        for (std::size_t i = 0; i < connections; ++i) {
            sessions_.push_back(bench::wire::point_session(given));
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, sessions_.back().socket(), &wanted);
        }
    }
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    ~crowd() { ::close(epoll_); }

    bench::checksum run(std::size_t queries, bench::laps& laps)
    {
        bench::checksum sum;
        std::size_t sent = 0;
        for (std::size_t i = 0; i < std::min(sessions_.size(), queries); ++i)
            send(i, sent++, laps);
        for (std::size_t done = 0; done < queries;) {
            std::array<epoll_event, 64> ready{};
            const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
            for (int i = 0; i < count; ++i) {
                const auto which = static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64);
                sessions_[which].read();
                const std::size_t ended = sessions_[which].take([&](const answered& each) {
                    if (each.type == 'D')
                        bench::wire::add_point(each.body, sum);
                });
                if (ended == 0)
                    continue;
                ++done;
                if (laps.noted())
                    laps.note(began_[which]);
                if (sent < queries)
                    send(which, sent++, laps);
            }
        }
        return sum;
    }

private:
    void send(std::size_t which, std::size_t query, const bench::laps& laps)
    {
        if (laps.noted())
            began_[which] = std::chrono::steady_clock::now();
        sessions_[which].send(flight_.to(bench::id_of(query)));
    }

    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<bench::wire::session> sessions_;
    std::vector<std::chrono::steady_clock::time_point> began_;
    bench::wire::flight flight_;
};

bench::measurement select_on(const bench::options& given, std::size_t connections)
{
    crowd all{given, connections};
    bench::laps none{0};
    all.run(bench::warm_up * connections, none);
    const bench::stopwatch watch;
    const bench::checksum sum = all.run(given.operations, none);
    bench::measurement took = watch.stop(sum);
    bench::laps timed{bench::lap_count(given)};
    all.run(bench::lap_count(given), timed);
    took.latencies = timed.take();
    return took;
}

template <std::size_t Connections>
bench::measurement select_rows(const bench::options& given)
{
    return select_on(given, Connections);
}

const bench::work known{"point_select_10", select_rows<bench::connection_count>};
// What a pool of ten stands on: as many connections as there are callers, but no more than ten.
const bench::work pool_1{"pool_1", select_rows<1>};
const bench::work pool_8{"pool_8", select_rows<8>};
const bench::work pool_64{"pool_64", select_rows<bench::connection_count>};

} // namespace
