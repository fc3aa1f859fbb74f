#include "support/kerberos.hpp"

#include "support/certificates.hpp"
#include "support/process.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace tusk::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* kdc_program = "/usr/sbin/krb5kdc";
constexpr const char* database_program = "/usr/sbin/kdb5_util";
constexpr const char* admin_program = "/usr/sbin/kadmin.local";

void write_file(const fs::path& file, const std::string& text)
{
    std::ofstream{file} << text;
    if (!fs::exists(file))
        throw std::runtime_error{fmt::format("cannot write {}", file.string())};
}

std::string text_of(const fs::path& file)
{
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void run_or_throw(const std::vector<std::string>& command)
{
    const finished_process done = run_process(command);
    // kadmin.local ends with 0 whatever comes of it, but says nothing on the error stream where all is well.
    if (done.status != 0 || done.err.find("while") != std::string::npos)
        throw std::runtime_error{fmt::format("{} failed:\n{}{}", command.front(), done.out, done.err)};
}

constexpr std::array variables{"KRB5_CONFIG", "KRB5_KDC_PROFILE", "KRB5_CLIENT_KTNAME", "KRB5RCACHENAME", "KRB5CCNAME"};

void administrate(const std::string& command) { run_or_throw({admin_program, "-r", "TUSK.TEST", "-q", command}); }

} // namespace

kerberos::temporary_folder::temporary_folder()
{
    std::string name = fs::temp_directory_path() / "tusk-kerberos-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error{"mkdtemp failed"};
    path = name;
    // The server, which is another user under root, reads its configuration and its key here.
    fs::permissions(path, static_cast<fs::perms>(0711));
}

kerberos::temporary_folder::~temporary_folder()
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

std::string kerberos::missing()
{
    for (const char* program : {kdc_program, database_program, admin_program}) {
        if (!fs::exists(program))
            return fmt::format("there is no KDC: {} is not installed", program);
    }
    const fs::path bin = cluster::find_programs();
    if (run_process({"ldd", bin / "postgres"}).out.find("gssapi") == std::string::npos)
        return fmt::format("the server in {} was built without GSSAPI", bin.string());
    return {};
}

kerberos::inside::inside(const kerberos& realm)
{
    const auto set = [](const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); };
    set("KRB5_CONFIG", realm.folder_ / "krb5.conf");
    set("KRB5_KDC_PROFILE", realm.folder_ / "kdc.conf");
    set("KRB5_CLIENT_KTNAME", realm.folder_ / "client.keytab");
    set("KRB5RCACHENAME", "none:");
    realm.forget_tickets();
}

kerberos::inside::~inside()
{
    for (const char* variable : variables)
        ::unsetenv(variable);
}

kerberos::kerberos()
{
    const inside realm{*this};
    port_ = cluster::free_port();
    configure();
    start_kdc();
    cluster_recipe recipe;
    recipe.authentication = "host all t_gss,t_other 127.0.0.1/32 gss include_realm=0 krb_realm=TUSK.TEST\n";
    recipe.settings = {"krb_server_keyfile=server.keytab", "ssl=on", "ssl_cert_file=server.crt",
                       "ssl_key_file=server.key"};
    recipe.prepare = [this](const fs::path& data) {
        certificate_authority issuer{folder_, "issuer"};
        issuer.issue("server", {"DNS:localhost"});
        for (const char* file : {"server.crt", "server.key", "server.keytab"})
            fs::copy_file(folder_ / file, data / file);
    };
    cluster_ = std::make_unique<cluster>("kerberos", std::move(recipe));
    run_or_throw({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                  fmt::format("host={} port={} user=postgres dbname=postgres", cluster_->socket_dir().string(),
                              cluster_->port()),
                  "-c", "CREATE ROLE t_gss LOGIN; CREATE ROLE t_other LOGIN"});
}

kerberos::~kerberos()
{
    cluster_.reset();
    kdc_program_.reset();
}

void kerberos::configure()
{
    write_file(folder_ / "krb5.conf", fmt::format(R"([libdefaults]
default_realm = TUSK.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
TUSK.TEST = {{
  kdc = 127.0.0.1:{}
}}
[domain_realm]
localhost = TUSK.TEST
)",
                                                  port_));
    write_file(folder_ / "kdc.conf", fmt::format(R"([kdcdefaults]
kdc_listen = 127.0.0.1:{0}
kdc_tcp_listen = 127.0.0.1:{0}
[realms]
TUSK.TEST = {{
  database_name = {1}/principal
  key_stash_file = {1}/stash
  acl_file = {1}/acl
}}
[logging]
kdc = FILE:{1}/kdc.log
)",
                                                 port_, folder_.string()));
    run_or_throw({database_program, "create", "-s", "-r", "TUSK.TEST", "-P", "master"});
    for (const char* principal : {"t_gss", "postgres/localhost"})
        administrate(fmt::format("addprinc -randkey {}", principal));
    administrate(fmt::format("ktadd -k {} t_gss", (folder_ / "client.keytab").string()));
    administrate(fmt::format("ktadd -k {} postgres/localhost", (folder_ / "server.keytab").string()));
}

void kerberos::start_kdc()
{
    const fs::path pid_file = folder_ / "kdc.pid";
    kdc_program_.emplace(std::vector<std::string>{kdc_program, "-n", "-P", pid_file}, folder_ / "kdc.out");
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (kdc_ <= 0 || log().find("commencing operation") == std::string::npos) {
        if (std::chrono::steady_clock::now() > limit)
            throw std::runtime_error{fmt::format("the KDC did not start:\n{}{}", text_of(folder_ / "kdc.out"), log())};
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        std::ifstream{pid_file} >> kdc_;
    }
}

std::string kerberos::conninfo(std::string_view user) const
{
    return fmt::format("host=localhost hostaddr=127.0.0.1 port={} user={} dbname=postgres", cluster_->port(), user);
}

std::string kerberos::log() const { return text_of(folder_ / "kdc.log"); }

void kerberos::forget_tickets() const
{
    static int generation = 0;
    ::setenv("KRB5CCNAME", fmt::format("MEMORY:tusk-{}", ++generation).c_str(), 1);
}

void kerberos::freeze(bool frozen) const { ::kill(kdc_, frozen ? SIGSTOP : SIGCONT); }

kerberos& kerberos::shared()
{
    static kerberos instance;
    return instance;
}

} // namespace tusk::test
