#include "support/server.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace tusk::test {

using namespace std::chrono_literals;

namespace {

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char character : text) {
        if (unreserved.find(character) != std::string_view::npos)
            encoded += character;
        else
            fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(character));
    }
    return encoded;
}

std::string make_url(std::string_view user, std::string_view password, std::string_view host, unsigned short port)
{
    const std::string secret = password.empty() ? std::string{} : ":" + percent_encoded(password);
    return fmt::format("postgresql://{}{}@{}:{}/postgres", percent_encoded(user), secret, percent_encoded(host), port);
}

std::string roles()
{
    return fmt::format("SET password_encryption = 'scram-sha-256';"
                       "CREATE ROLE u_trust LOGIN;"
                       "CREATE ROLE u_pass LOGIN PASSWORD '{0}';"
                       "CREATE ROLE u_scram LOGIN PASSWORD '{0}';"
                       "CREATE ROLE u_saslprep LOGIN PASSWORD '{1}';"
                       "CREATE ROLE u_reject LOGIN PASSWORD '{0}';"
                       "SET password_encryption = 'md5';"
                       "CREATE ROLE u_md5 LOGIN PASSWORD '{0}';"
                       "GRANT CREATE ON SCHEMA public TO PUBLIC;",
                       test_server::password, test_server::saslprep_password);
}

/// The parent of a process, or 0 when there is no such process.
pid_t parent_of(pid_t process)
{
    std::ifstream stat{fmt::format("/proc/{}/stat", process)};
    const std::string text{std::istreambuf_iterator<char>{stat}, {}};
    // "pid (name) state parent ...", where the name may hold anything.
    const std::size_t name_end = text.rfind(") ");
    return name_end == std::string::npos ? 0 : std::atoi(text.c_str() + name_end + 4);
}

std::atomic<bool> started = false;

} // namespace

test_server::test_server(std::string_view log_name)
{
    if (const char* other = std::getenv("TUSK_TEST_URL"); other != nullptr && *other != '\0') {
        url_ = other;
        return;
    }
    cluster_.emplace(std::string{log_name.empty() ? std::string_view{program_invocation_short_name} : log_name});
    url_ = make_url("postgres", {}, cluster_->socket_dir().native(), cluster_->port());
    run_sql(roles());
}

const cluster& test_server::own() const
{
    if (!cluster_)
        throw std::logic_error{"this needs a server of our own, but TUSK_TEST_URL names another: skip the test"};
    return *cluster_;
}

std::string test_server::socket_url(std::string_view user, std::string_view its_password) const
{
    return make_url(user, its_password, own().socket_dir().native(), port());
}

std::string test_server::tcp_url(std::string_view user, std::string_view its_password) const
{
    return make_url(user, its_password, "127.0.0.1", port());
}

std::string test_server::socket_dir() const { return own().socket_dir(); }

unsigned short test_server::port() const { return own().port(); }

std::string test_server::run_sql(std::string_view sql) const
{
    // Debian keeps psql beside the server; other builds of the server come without it.
    std::string psql = "psql";
    if (cluster_ && std::filesystem::exists(cluster_->bin() / "psql"))
        psql = cluster_->bin() / "psql";
    finished_process finished =
        run_process({psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url_, "-f", "-"}, nullptr, sql);
    if (finished.status != 0)
        throw std::runtime_error{fmt::format("psql failed with status {}:\n{}", finished.status, finished.err)};
    return std::move(finished.out);
}

void test_server::terminate_backend(pid_t backend) const
{
    run_sql(fmt::format("SELECT pg_terminate_backend({})", backend));
}

void test_server::signal_backend(pid_t backend, int signal) const
{
    if (parent_of(backend) != own().postmaster())
        throw std::runtime_error{fmt::format("process {} is not one of the server's", backend)};
    if (::kill(backend, signal) != 0)
        throw std::system_error{errno, std::generic_category(), fmt::format("signal {} to {}", signal, backend)};
}

void test_server::wait_until_ready() const
{
    const auto limit = std::chrono::steady_clock::now() + 30s;
    for (;;) {
        try {
            run_sql("SELECT 1");
            return;
        } catch (const std::runtime_error&) {
            if (std::chrono::steady_clock::now() > limit)
                throw;
            std::this_thread::sleep_for(20ms);
        }
    }
}

std::string test_server::log_report() const
{
    if (!cluster_)
        return {};
    const std::filesystem::path log = cluster_->log_path();
    const std::string where = log.parent_path() == cluster_->socket_dir() ? "" : " (" + log.string() + ")";
    return fmt::format("The server's log{} ends with:\n{}\n", where, tail_of(log, 30));
}

test_server& server()
{
    static test_server instance;
    started = true;
    return instance;
}

bool server_started() noexcept { return started; }

} // namespace tusk::test
