#include "support/replication_pair.hpp"

#include "support/process.hpp"

#include <fmt/format.h>

#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace tusk::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

std::string run_sql(const cluster& on, std::string_view sql)
{
    std::string psql = "psql";
    if (fs::exists(on.bin() / "psql"))
        psql = on.bin() / "psql";
    const std::string where =
        fmt::format("host={} port={} user=postgres dbname=postgres", on.socket_dir().string(), on.port());
    finished_process finished =
        run_process({psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", where, "-f", "-"}, nullptr, sql);
    if (finished.status != 0)
        throw std::runtime_error{fmt::format("psql failed with status {}:\n{}", finished.status, finished.err)};
    return std::move(finished.out);
}

void copy_folder(const fs::path& from, const fs::path& to)
{
    const finished_process copied = run_process({"cp", "-a", from, to});
    if (copied.status != 0)
        throw std::runtime_error{copied.err};
}

template <class Condition>
void wait_until(Condition holds, const char* what)
{
    const auto limit = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > limit)
            throw std::runtime_error{fmt::format("{} does not come about", what)};
        std::this_thread::sleep_for(20ms);
    }
}

} // namespace

replication_pair::replication_pair()
{
    std::string name = fs::temp_directory_path() / "tusk-seed-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"mkdtemp failed"};
    seed_ = name;
    constexpr std::string_view authentication = "local replication postgres trust\nhost all t_any 127.0.0.1/32 trust\n";

    // Some builds of the server come without pg_basebackup; two copies of one beginning do as well.
    cluster_recipe first;
    first.authentication = authentication;
    first.settings = {"wal_level=replica", "wal_keep_size=64MB", "hot_standby=on"};
    first.prepare = [this](const fs::path& data) { copy_folder(data, seed_ / "data"); };
    primary_ = std::make_unique<cluster>("primary", std::move(first));

    primary_port_ = primary_->port();

    cluster_recipe second;
    second.authentication = authentication;
    second.copy_of = seed_ / "data";
    second.settings = {fmt::format("primary_conninfo=host={} port={} user=postgres", primary_->socket_dir().string(),
                                   primary_->port())};
    second.prepare = [](const fs::path& data) { std::ofstream{data / "standby.signal"}; };
    standby_ = std::make_unique<cluster>("standby", std::move(second));

    on_primary("CREATE ROLE t_any LOGIN");
    wait_until([this] { return on_standby("SELECT count(*) FROM pg_roles WHERE rolname = 't_any'").starts_with('1'); },
               "replication");
}

replication_pair::~replication_pair()
{
    std::error_code ignored;
    fs::remove_all(seed_, ignored);
}

std::string replication_pair::on_primary(std::string_view sql) const { return run_sql(*primary_, sql); }
std::string replication_pair::on_standby(std::string_view sql) const { return run_sql(*standby_, sql); }

void replication_pair::promote()
{
    primary_.reset();
    on_standby("SELECT pg_promote(true, 60)");
    wait_until([this] { return on_standby("SELECT pg_is_in_recovery()").starts_with('f'); }, "the promotion");
}

} // namespace tusk::test
