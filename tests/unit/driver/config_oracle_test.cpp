// Connection strings, environments, password files and service files: tusk and libpq make the same of them.

#include "config/hosts.hpp"
#include "config/passfile.hpp"

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

namespace {

using values = std::map<std::string, std::string>;

struct example {
    std::string name;
    std::string text;
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::string passfile = {}; ///< ~/.pgpass
    std::string services = {}; ///< ~/.pg_service.conf
    std::string shared = {};   ///< pg_service.conf in PGSYSCONFDIR
    mode_t passfile_mode = 0600;
};

/// A home directory of the example's own, and an environment without anything else.
class stage
{
public:
    explicit stage(const example& of)
    {
        std::string name = std::filesystem::temp_directory_path() / "tusk-config-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        std::filesystem::create_directory(folder_ / "shared");
        for (char** each = environ; *each != nullptr; ++each) {
            const std::string_view entry = *each;
            const std::string variable{entry.substr(0, entry.find('='))};
            if (variable.starts_with("PG") || variable == "HOME")
                old_.emplace_back(variable, std::string{entry.substr(variable.size() + 1)});
        }
        for (const auto& [variable, value] : old_)
            ::unsetenv(variable.c_str());
        set("HOME", folder_);
        set("PGSYSCONFDIR", folder_ / "shared");
        for (const auto& [variable, value] : of.environment)
            set(variable, with_home(value));
        write(".pgpass", of.passfile, of.passfile_mode);
        write(".pg_service.conf", of.services, 0644);
        write("shared/pg_service.conf", of.shared, 0644);
    }
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    ~stage()
    {
        for (const auto& variable : set_)
            ::unsetenv(variable.c_str());
        for (const auto& [variable, value] : old_)
            ::setenv(variable.c_str(), value.c_str(), 1);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// `~` stands for the folder.
    [[nodiscard]] std::string with_home(std::string text) const
    {
        for (std::size_t at = text.find('~'); at != std::string::npos; at = text.find('~'))
            text.replace(at, 1, folder_.native());
        return text;
    }

private:
    void set(const std::string& variable, const std::string& value)
    {
        ::setenv(variable.c_str(), value.c_str(), 1);
        set_.push_back(variable);
    }

    void write(const std::string& file, const std::string& text, mode_t mode) const
    {
        if (text.empty())
            return;
        std::ofstream{folder_ / file} << with_home(text);
        std::filesystem::permissions(folder_ / file, static_cast<std::filesystem::perms>(mode));
    }

    std::filesystem::path folder_;
    std::vector<std::pair<std::string, std::string>> old_;
    std::vector<std::string> set_;
};

/// Hosts with their ports, however they were given.
std::string ports_of(const std::string& given)
{
    std::string all;
    std::size_t from = 0;
    for (;;) {
        const std::size_t comma = std::min(given.find(',', from), given.size());
        const std::string one = given.substr(from, comma - from);
        all += one.empty() ? "5432" : std::to_string(std::atoi(one.c_str()));
        if (comma == given.size())
            return all;
        all += ',';
        from = comma + 1;
    }
}

/// What libpq makes of it; nothing where it refuses.
std::optional<values> libpq(const std::string& text)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> conn{PQconnectStart(text.c_str()), &PQfinish};
    const std::string said = PQerrorMessage(conn.get());
    // It begins to connect at once; that nobody listens is no refusal of the string.
    if (PQstatus(conn.get()) == CONNECTION_BAD && !said.starts_with("connection to server") &&
        said.find("translate host name") == std::string::npos)
        return std::nullopt;
    values found;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconninfo(conn.get()), &PQconninfoFree};
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr)
            found[option->keyword] = option->val;
    }
    found["password"] = PQpass(conn.get());
    found["port"] = ports_of(found["port"]);
    if (found["sslmode"].empty())
        found["sslmode"] = "prefer";
    return found;
}

/// The same of ours; only what `libpq` gives too.
std::optional<values> ours(const std::string& text)
{
    std::optional<tusk::connect_options> read;
    try {
        read.emplace(text);
    } catch (const tusk::usage_error&) {
        return std::nullopt;
    }
    const tusk::connect_options& o = *read;
    values found{{"host", o.host},
                 {"hostaddr", o.hostaddr},
                 {"user", o.user},
                 {"dbname", o.dbname},
                 {"application_name", o.application_name},
                 {"fallback_application_name", o.fallback_application_name},
                 {"options", o.options},
                 {"sslmode", o.sslmode},
                 {"sslcert", o.sslcert},
                 {"sslkey", o.sslkey},
                 {"sslpassword", o.sslpassword},
                 {"sslrootcert", o.sslrootcert},
                 {"sslcrl", o.sslcrl},
                 {"sslcrldir", o.sslcrldir},
                 {"channel_binding", o.channel_binding},
                 {"requirepeer", o.requirepeer},
                 {"require_auth", o.require_auth},
                 {"krbsrvname", o.krbsrvname},
                 {"target_session_attrs", o.target_session_attrs},
                 {"ssl_min_protocol_version", o.ssl_min_protocol_version},
                 {"ssl_max_protocol_version", o.ssl_max_protocol_version}};
    found["port"] = o.ports.empty() ? std::to_string(o.port) : fmt::format("{}", fmt::join(o.ports, ","));
    found["connect_timeout"] = std::to_string(o.connect_timeout.count());
    const tusk::config::host first = tusk::config::hosts_of(o).front();
    found["password"] = o.password;
    if (o.password.empty()) {
        const std::string file = o.passfile.empty() ? o.home + "/.pgpass" : o.passfile;
        found["password"] = tusk::config::look_up_password(file, first.name.empty() ? first.address : first.name,
                                                           first.port, o.dbname, o.user)
                                .password;
    }
    return found;
}

void expect_same(const example& of)
{
    SCOPED_TRACE(of.name + ": " + of.text);
    const stage set{of};
    const std::string text = set.with_home(of.text);
    const auto theirs = libpq(text);
    const auto own = ours(text);
    ASSERT_EQ(own.has_value(), theirs.has_value()) << (theirs ? "libpq takes it" : "libpq refuses it");
    if (!own)
        return;
    for (const auto& [key, value] : *own) {
        const auto other = theirs->find(key);
        std::string wanted = other == theirs->end() ? std::string{} : other->second;
        if (key == "connect_timeout" && wanted.empty())
            wanted = "0";
        EXPECT_EQ(value, wanted) << key;
    }
}

// Hosts are addresses: libpq looks names up when it begins to connect. Port 1 has no server.
const std::string local = "host=127.0.0.1 port=1 ";

std::vector<example> examples()
{
    const std::string pass = "127.0.0.1:1:d:u:right\n";
    const std::string service = "[s]\nhost=127.0.0.1\nport=1\ndbname=sd\nuser=su\n";
    return {
        // ---- Strings.
        {"nothing but a host", local},
        {"a url", "postgresql://u:p@127.0.0.1:1/d?application_name=a"},
        {"a url without anything", "postgresql://127.0.0.1:1"},
        {"two hosts", "postgresql://127.0.0.1:1,127.0.0.1:2/d"},
        {"two hosts, one port", "host=127.0.0.1,127.0.0.2 port=1"},
        {"two hosts, one without a port", "postgresql://127.0.0.1:1,127.0.0.1/d"},
        {"too few ports", "host=127.0.0.1,127.0.0.2,127.0.0.3 port=1,2"},
        {"too many ports", "host=127.0.0.1 port=1,2"},
        {"as many addresses", "host=a,b hostaddr=127.0.0.1,127.0.0.2 port=1"},
        {"too few addresses", "host=a,b hostaddr=127.0.0.1 port=1"},
        {"addresses alone", "hostaddr=127.0.0.1,127.0.0.2 port=1,2"},
        {"IPv6", "postgresql://[::1]:1/d"},
        {"a socket", "postgresql://%2Fno%2Fsuch/d"},
        {"an abstract socket", "host=@nobody"},
        {"a doubled key", local + "user=a user=b"},
        {"an unknown key", local + "nonsense=1"},
        {"a key that is no option", local + "search_path=x"},
        {"an unclosed quote", local + "user='x"},
        {"no sign", local + "user"},
        {"a bad percent", "postgresql://127.0.0.1:1/%zz"},
        {"a bad port", "host=127.0.0.1 port=70000"},
        {"a port that is a word", "host=127.0.0.1 port=x"},
        {"a port with blanks", "host=127.0.0.1 port=' 1 '"},
        {"port 0", "host=127.0.0.1 port=0"},
        {"a bad sslmode", local + "sslmode=maybe"},
        {"an empty sslmode", local + "sslmode=''"},
        {"require", local + "sslmode=require"},
        {"jdbc's ssl", "postgresql://127.0.0.1:1/d?ssl=true"},
        {"requiressl", local + "requiressl=1"},
        {"requiressl=0 after sslmode", local + "sslmode=require requiressl=0"},
        {"a bad channel_binding", local + "channel_binding=maybe"},
        {"require channel_binding", local + "channel_binding=require"},
        {"a bad target", local + "target_session_attrs=master"},
        {"prefer-standby", local + "target_session_attrs=prefer-standby"},
        {"tls versions", local + "ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.3"},
        {"an unknown tls version", local + "ssl_min_protocol_version=TLSv2"},
        {"crossed tls versions", local + "ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2"},
        {"files", local + "sslcert=c sslkey=k sslpassword=s sslrootcert=r sslcrl=l sslcrldir=d"},
        {"a timeout", local + "connect_timeout=7"},
        {"options", local + "options='-c geqo=off' fallback_application_name=f"},
        {"an empty database", local + "dbname='' user=u"},
        // ---- The environment.
        {"all variables",
         "",
         {{"PGHOST", "127.0.0.1"},
          {"PGPORT", "1"},
          {"PGUSER", "u"},
          {"PGPASSWORD", "p"},
          {"PGDATABASE", "d"},
          {"PGAPPNAME", "a"},
          {"PGOPTIONS", "-c geqo=off"},
          {"PGSSLMODE", "require"},
          {"PGSSLCERT", "c"},
          {"PGSSLKEY", "k"},
          {"PGSSLROOTCERT", "r"},
          {"PGSSLCRL", "l"},
          {"PGSSLCRLDIR", "x"},
          {"PGCHANNELBINDING", "disable"},
          {"PGREQUIREPEER", "me"},
          {"PGTARGETSESSIONATTRS", "standby"},
          {"PGSSLMINPROTOCOLVERSION", "TLSv1.3"},
          {"PGSSLMAXPROTOCOLVERSION", "TLSv1.3"},
          {"PGCONNECT_TIMEOUT", "3"}}},
        {"the string wins", local + "user=a dbname=b", {{"PGUSER", "x"}, {"PGDATABASE", "x"}, {"PGPORT", "2"}}},
        {"hosts of the environment", "", {{"PGHOST", "127.0.0.1,127.0.0.2"}, {"PGPORT", "1,2"}}},
        {"the port of the environment", "host=127.0.0.1", {{"PGPORT", "1"}}},
        {"a bad variable", local, {{"PGSSLMODE", "maybe"}}},
        {"PGREQUIRESSL", local, {{"PGREQUIRESSL", "1"}}},
        {"PGREQUIRESSL and PGSSLMODE", local, {{"PGREQUIRESSL", "1"}, {"PGSSLMODE", "allow"}}},
        {"an address of the environment for a host of the string", "host=a port=1", {{"PGHOSTADDR", "127.0.0.1"}}},
        // ---- Variables that are set and empty: a value like any other.
        {"no host", local, {{"PGHOST", ""}, {"PGHOSTADDR", ""}}},
        {"no port", "host=127.0.0.1", {{"PGPORT", ""}}},
        {"no user and no database", local, {{"PGUSER", ""}, {"PGDATABASE", ""}}},
        {"no password, and a file", local + "user=u dbname=d", {{"PGPASSWORD", ""}}, pass},
        {"no password file, and one at home", local + "user=u dbname=d", {{"PGPASSFILE", ""}}, pass},
        {"no name and no options", local, {{"PGAPPNAME", ""}, {"PGOPTIONS", ""}}},
        {"an empty PGSSLMODE", local, {{"PGSSLMODE", ""}}},
        {"an empty PGSSLMODE, and one in the string", local + "sslmode=allow", {{"PGSSLMODE", ""}}},
        {"an empty PGCHANNELBINDING", local, {{"PGCHANNELBINDING", ""}}},
        {"an empty PGTARGETSESSIONATTRS", local, {{"PGTARGETSESSIONATTRS", ""}}},
        {"an empty PGGSSENCMODE", local, {{"PGGSSENCMODE", ""}}},
        {"empty TLS versions", local, {{"PGSSLMINPROTOCOLVERSION", ""}, {"PGSSLMAXPROTOCOLVERSION", ""}}},
        {"empty file names", local, {{"PGSSLCERT", ""}, {"PGSSLROOTCERT", ""}, {"PGSSLCRL", ""}, {"PGSSLCRLDIR", ""}}},
        {"empty ways to log in", local, {{"PGREQUIREPEER", ""}, {"PGKRBSRVNAME", ""}, {"PGREQUIREAUTH", ""}}},
        {"an empty PGCLIENTENCODING", local, {{"PGCLIENTENCODING", ""}}},
        {"an empty PGREQUIRESSL", local, {{"PGREQUIRESSL", ""}}},
        {"an empty PGSERVICE", local, {{"PGSERVICE", ""}}, "", service},
        {"an empty service", local + "service=''", {}, "", service},
        {"an empty PGSERVICEFILE", "service=s", {{"PGSERVICEFILE", ""}}, "", service},
        {"a service and an empty variable", "service=s", {{"PGDATABASE", ""}, {"PGAPPNAME", ""}}, "", service},
        {"Kerberos", local + "krbsrvname=db gssencmode=disable"},
        {"a bad gssencmode", local + "gssencmode=maybe"},
        // ---- Password files.
        {"a line that fits", local + "user=u dbname=d", {}, pass},
        {"another user", local + "user=x dbname=d", {}, pass},
        {"another port", "host=127.0.0.1 port=2 user=u dbname=d", {}, pass},
        {"stars", local + "user=u dbname=d", {}, "*:*:*:*:star\n"},
        {"the first counts", local + "user=u dbname=d", {}, "*:2:*:*:wrong\n*:1:*:*:first\n" + pass},
        {"comments and rubbish", local + "user=u dbname=d", {}, "# *:*:*:*:no\n\nrubbish\n:::\n" + pass},
        {"escapes",
         local + "user=u dbname=d",
         {},
         R"(127.0.0.1:1:d:u:a\:b\\c:rest)"
         "\n"},
        {"escaped fields",
         local + "user=u:x dbname=d",
         {},
         R"(127\.0.0.1:1:d:u\:x:yes)"
         "\n"},
        {"a carriage return", local + "user=u dbname=d", {}, "127.0.0.1:1:d:u:dos\r\n"},
        {"no end of line", local + "user=u dbname=d", {}, "127.0.0.1:1:d:u:bare"},
        {"an empty password", local + "user=u dbname=d", {}, "127.0.0.1:1:d:u:\n*:*:*:*:other\n"},
        {"readable by others", local + "user=u dbname=d", {}, pass, "", "", 0644},
        {"a password in the string", local + "user=u dbname=d password=own", {}, pass},
        {"a named file", local + "user=u dbname=d passfile=~/.pgpass", {}, pass},
        {"a named file of the environment", local + "user=u dbname=d", {{"PGPASSFILE", "~/.pgpass"}}, pass},
        {"a named file that is not there", local + "user=u dbname=d passfile=~/none", {}, pass},
        {"a socket is not localhost", "host=/no/such port=1 user=u dbname=d", {}, "localhost:1:d:u:no\n"},
        {"a socket by its path", "host=/no/such port=1 user=u dbname=d", {}, "/no/such:1:d:u:yes\n"},
        {"the host and not its address",
         "host=a hostaddr=127.0.0.1 port=1 user=u dbname=d",
         {},
         "127.0.0.1:1:d:u:address\na:1:d:u:name\n"},
        {"an address without a host", "hostaddr=127.0.0.1 port=1 user=u dbname=d", {}, pass},
        // ---- Service files.
        {"a service", "service=s", {}, "", service},
        {"a service of the environment", "", {{"PGSERVICE", "s"}}, "", service},
        {"the string wins over a service", "service=s user=own", {}, "", service},
        {"a service wins over the environment", "service=s", {{"PGUSER", "env"}}, "", service},
        {"the string's service wins", "service=s", {{"PGSERVICE", "t"}}, "", service},
        {"an unknown service", "service=t", {}, "", service},
        {"no file at all", "service=s"},
        {"the shared file", "service=s", {}, "", "", service},
        {"both files", "service=s", {}, "", "[other]\nuser=x\n", service},
        {"the home's first", "service=s", {}, "", service, "[s]\nuser=shared\n"},
        {"a named service file", "service=s", {{"PGSERVICEFILE", "~/shared/pg_service.conf"}}, "", "", service},
        {"a named service file that is not there", "service=s", {{"PGSERVICEFILE", "~/none"}}, "", service},
        {"the first of a doubled key", "service=s", {}, "", service + "user=second\n"},
        {"the first of a doubled section", "service=s", {}, "", service + "[s]\napplication_name=second\n"},
        {"comments and blanks", "service=s", {}, "", "# c\n\n  [s]  \n  host=127.0.0.1  \n\tport=1\n# x\nuser=a b\n"},
        {"blanks before the sign", "service=s", {}, "", service + "dbname =x\n"},
        {"a service in a service", "service=s", {}, "", service + "service=t\n"},
        {"an unknown key in a service", "service=s", {}, "", service + "nonsense=1\n"},
        {"an unknown key in another service", "service=s", {}, "", "[t]\nnonsense=1\n" + service},
        {"no sign in a service", "service=s", {}, "", service + "rubbish\n"},
        {"a service with a bad value", "service=s", {}, "", service + "sslmode=maybe\n"},
        {"a long line", "service=s", {}, "", service + "application_name=" + std::string(2000, 'x') + "\n"},
        {"a service and a password file", "service=s", {}, "127.0.0.1:1:sd:su:both\n", service},
    };
}

} // namespace

TEST(config_oracle, tusk_and_libpq_make_the_same_of_every_example)
{
    const auto all = examples();
    ASSERT_GE(all.size(), 60U);
    int refused = 0;
    for (const example& each : all) {
        expect_same(each);
        const stage set{each};
        refused += ours(set.with_home(each.text)) ? 0 : 1;
    }
    EXPECT_GT(refused, 15);
    EXPECT_LT(refused, 50);
}
