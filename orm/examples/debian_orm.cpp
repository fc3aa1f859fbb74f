// The package database of this Debian machine as entities: written in one unit of work, and then asked and changed.
//
// Its tables, `tusk_demo_*`, are made at the start and dropped at the end.
#include "debian_models.hpp"
#include "debian_status.hpp"

#include <asio.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using namespace debian::model;
using orm::col;

namespace {

using stopwatch = std::chrono::steady_clock;

double milliseconds_since(stopwatch::time_point start)
{
    return std::chrono::duration<double, std::milli>{stopwatch::now() - start}.count();
}

debian::relation_kind kind_of(std::string_view text)
{
    return text == "Depends"       ? debian::relation_kind::depends
           : text == "Pre-Depends" ? debian::relation_kind::pre_depends
                                   : debian::relation_kind::provides;
}

// Entities are plain structs until they are added; relations keep both sides in step from then on.
void add_packages(orm::session& s, const std::vector<debian::package>& packages)
{
    std::map<std::string, orm::ref<maintainer>> maintainers;
    std::map<std::string, orm::ref<section>> sections;
    std::unordered_map<std::string, orm::ref<package>> providers;
    std::vector<orm::ref<package>> added;
    for (const debian::package& each : packages) {
        auto& by = maintainers[each.maintainer];
        if (!by)
            by = s.add(maintainer{.name = each.maintainer});
        orm::ref<package> p = s.add(package{.name = each.name,
                                            .architecture = each.architecture,
                                            .version = each.version,
                                            .summary = each.summary,
                                            .installed_kib = each.installed_kib});
        p->maintainer = by;
        if (each.section) {
            auto& in = sections[*each.section];
            if (!in)
                in = s.add(section{.name = *each.section});
            p->section = in;
        }
        for (const debian::relation& r : each.relations) {
            p->declared.add(s.add(declared_relation{.kind = kind_of(r.kind),
                                                    .position = r.position,
                                                    .alternative = r.alternative,
                                                    .name = r.name,
                                                    .comparison = r.comparison,
                                                    .version = r.version}));
            if (r.kind == "Provides")
                providers.emplace(r.name, p);
        }
        providers.insert_or_assign(each.name, p);
        added.push_back(p);
    }
    for (const orm::ref<package>& p : added)
        for (const orm::ref<declared_relation>& r : p->declared)
            if (r->kind != debian::relation_kind::provides)
                if (const auto found = providers.find(r->name); found != providers.end() && found->second != p)
                    p->needs.add(found->second);
}

asio::awaitable<void> load(orm::session_factory& sessions, const std::vector<debian::package>& packages)
{
    const auto start = stopwatch::now();
    std::size_t entities = 0;
    co_await sessions.run([&](orm::session& s) -> asio::awaitable<void> {
        add_packages(s, packages);
        entities = s.size();
        co_await s.flush(); // the keys are there now; the block's end commits
    });
    fmt::print("{} entities and their relations were written in {:.2f} s\n", entities,
               milliseconds_since(start) / 1000);
}

asio::awaitable<void> busiest_maintainers(orm::session& s)
{
    const auto start = stopwatch::now();
    auto stmt =
        orm::select(col<&maintainer::name>, orm::count(col<&package::id>), orm::sum(col<&package::installed_kib>))
            .join<&maintainer::packages>()
            .group_by(col<&maintainer::id>)
            .order_by(orm::count(col<&package::id>).desc(), col<&maintainer::name>)
            .limit(5);
    const auto rows = co_await s.all(stmt);
    fmt::print("\nWho maintains most packages?{:>40.1f} ms\n", milliseconds_since(start));
    for (const auto& [name, packages, kib] : rows)
        fmt::print("  {:<58.58}{:>5}\n", name, packages);
}

// One query for the packages, one a relation: nothing is loaded by touching it.
asio::awaitable<void> largest_with_their_needs(orm::session& s)
{
    const auto start = stopwatch::now();
    auto stmt = orm::select<package>()
                    .where(col<&package::installed_kib> > 50'000)
                    .order_by(col<&package::installed_kib>.desc(), col<&package::name>)
                    .limit(5)
                    .options(orm::selectinload<&package::needs>(), orm::joinedload<&package::section>());
    const std::vector<orm::ref<const package>> largest = co_await s.all<const package>(stmt);
    fmt::print("\nWhat do the largest packages need?{:>34.1f} ms\n", milliseconds_since(start));
    for (const orm::ref<const package>& p : largest) {
        const auto in = p->section.get();
        fmt::print("  {:<34.34}{:>9} KiB  {:<12.12} needs {:>2}\n", p->name, p->installed_kib.value_or(0),
                   in ? in->name : "(none)", p->needs.size());
    }
}

// Plain assignment; the flush finds what changed, and writes that.
asio::awaitable<void> change_and_forget(orm::session_factory& sessions)
{
    co_await sessions.run([&](orm::session& s) -> asio::awaitable<void> {
        auto stmt = orm::select<package>()
                        .where(col<&package::name> == "dpkg")
                        .options(orm::selectinload<&package::declared>());
        orm::ref<package> dpkg = co_await s.first(stmt);
        if (!dpkg)
            co_return;
        const std::size_t relations = dpkg->declared.size();
        dpkg->summary = "the package that knows all others";
        dpkg->declared.remove(dpkg->declared.front()); // its row goes with it
        co_await s.flush();
        auto left = co_await s.scalar_one(orm::select(orm::count(col<&declared_relation::name>))
                                              .where(col<&declared_relation::package_id> == dpkg->id));
        fmt::print("\ndpkg declared {} relations, now {}; its summary is \"{}\"\n", relations, left, dpkg->summary);
        co_await s.rollback();
        co_await s.refresh(dpkg);
        fmt::print("After the rollback it is \"{}\"\n", dpkg->summary);
    });
}

asio::awaitable<void> demo(std::string url, std::string status)
{
    const std::vector<debian::package> packages = debian::read_status(status);
    auto executor = co_await asio::this_coro::executor;
    tusk::engine engine{executor, url};
    orm::session_factory sessions{engine};

    co_await orm::drop_all(engine, metadata);
    co_await orm::create_all(engine, metadata);
    co_await load(sessions, packages);
    co_await sessions.run([&](orm::session& s) -> asio::awaitable<void> {
        co_await busiest_maintainers(s);
        co_await largest_with_their_needs(s);
    });
    co_await change_and_forget(sessions);
    co_await orm::drop_all(engine, metadata);
    co_await engine.dispose();
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 && argc != 3) {
        fmt::print(stderr, "usage: {} postgresql://user@host/database [/var/lib/dpkg/status]\n", argv[0]);
        return 1;
    }
    try {
        asio::io_context io;
        asio::co_spawn(io, demo(argv[1], argc == 3 ? argv[2] : "/var/lib/dpkg/status"),
                       [](const std::exception_ptr& failure) {
                           if (failure)
                               std::rethrow_exception(failure);
                       });
        io.run();
    } catch (const std::exception& failure) {
        fmt::print(stderr, "\n{}\n", failure.what());
        return 1;
    }
}
