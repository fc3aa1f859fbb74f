#include <tusk/driver/connect_options.hpp>

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using variables = std::map<std::string, std::string, std::less<>>;

tusk::environment_reader environment_of(variables values)
{
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional{found->second};
    };
}

tusk::connect_options read(std::string_view text, variables environment = {{"PGUSER", "env_user"}})
{
    return tusk::connect_options{text, environment_of(std::move(environment))};
}

/// The message of the refusal; fails the test where there is none.
std::string refusal(std::string_view text, variables environment = {{"PGUSER", "env_user"}})
{
    try {
        read(text, std::move(environment));
    } catch (const tusk::usage_error& e) {
        return e.what();
    }
    ADD_FAILURE() << "accepted: " << text;
    return {};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

TEST(connect_options, is_no_aggregate)
{
    static_assert(!std::is_aggregate_v<tusk::connect_options>);
    static_assert(!std::is_convertible_v<std::string_view, tusk::connect_options>);
}

TEST(connect_options, made_from_nothing_has_the_defaults_of_the_library)
{
    const tusk::connect_options options;
    EXPECT_EQ(options.host, "");
    EXPECT_EQ(options.port, 5432);
    EXPECT_EQ(options.user, "");
    EXPECT_EQ(options.connect_timeout, 0s);
    EXPECT_EQ(options.statement_cache_size, 256U);
    EXPECT_EQ(options.statement_cache_bytes, 5U * 1024 * 1024);
    EXPECT_EQ(options.max_message_size, 1073741823U);
    EXPECT_EQ(options.scram_max_iterations, 1'000'000U);
    EXPECT_FALSE(options.allow_cleartext_password);
}

TEST(connect_options, reads_a_full_url)
{
    const auto options = read("postgresql://me:secret@db.example:5433/shop?application_name=till&connect_timeout=1&"
                              "options=-c%20geqo%3Doff&sslmode=disable");
    EXPECT_EQ(options.user, "me");
    EXPECT_EQ(options.password, "secret");
    EXPECT_EQ(options.host, "db.example");
    EXPECT_EQ(options.port, 5433);
    EXPECT_EQ(options.dbname, "shop");
    EXPECT_EQ(options.application_name, "till");
    EXPECT_EQ(options.connect_timeout, 1s);
    EXPECT_EQ(options.options, "-c geqo=off");
    EXPECT_EQ(options.sslmode, "disable");
}

TEST(connect_options, reads_a_full_keyword_value_string)
{
    const auto options = read("host=db.example hostaddr=192.0.2.1 port = 5433 user='me too' password='it\\'s \\\\'\n"
                              "dbname=shop fallback_application_name=f connect_timeout=' 7 '");
    EXPECT_EQ(options.host, "db.example");
    EXPECT_EQ(options.hostaddr, "192.0.2.1");
    EXPECT_EQ(options.port, 5433);
    EXPECT_EQ(options.user, "me too");
    EXPECT_EQ(options.password, "it's \\");
    EXPECT_EQ(options.dbname, "shop");
    EXPECT_EQ(options.fallback_application_name, "f");
    EXPECT_EQ(options.connect_timeout, 7s);
}

TEST(connect_options, a_url_can_name_an_ipv6_address_or_a_socket_directory)
{
    EXPECT_EQ(read("postgres://[2001:db8::1]:5433/shop").host, "2001:db8::1");
    EXPECT_EQ(read("postgres://[::1]").host, "::1");
    EXPECT_EQ(read("postgres://%2Frun%2Fpg/shop").host, "/run/pg");
    EXPECT_EQ(read("postgres:///shop?host=/run/pg").host, "/run/pg");
    EXPECT_EQ(read("postgres:///shop").host, "");
    EXPECT_EQ(read("host=@abstract").host, "@abstract");
}

TEST(connect_options, what_is_missing_comes_from_the_environment)
{
    const auto options = read("", {{"PGHOST", "h"},
                                   {"PGHOSTADDR", "192.0.2.1"},
                                   {"PGPORT", "1234"},
                                   {"PGUSER", "u"},
                                   {"PGPASSWORD", "p"},
                                   {"PGDATABASE", "d"},
                                   {"PGAPPNAME", "a"},
                                   {"PGOPTIONS", "-c geqo=off"},
                                   {"PGCONNECT_TIMEOUT", "9"},
                                   {"PGCLIENTENCODING", "utf-8"},
                                   {"PGSSLMODE", "allow"},
                                   {"PGTZ", "Europe/Berlin"},
                                   {"PGDATESTYLE", "ISO"}});
    EXPECT_EQ(options.host, "h");
    EXPECT_EQ(options.hostaddr, "192.0.2.1");
    EXPECT_EQ(options.port, 1234);
    EXPECT_EQ(options.user, "u");
    EXPECT_EQ(options.password, "p");
    EXPECT_EQ(options.dbname, "d");
    EXPECT_EQ(options.application_name, "a");
    EXPECT_EQ(options.options, "-c geqo=off");
    EXPECT_EQ(options.connect_timeout, 9s);
    EXPECT_EQ(options.sslmode, "allow");
    const std::vector<std::pair<std::string, std::string>> expected{{"TimeZone", "Europe/Berlin"},
                                                                    {"DateStyle", "ISO"}};
    EXPECT_EQ(options.runtime_parameters, expected);
}

TEST(connect_options, the_string_wins_over_the_environment)
{
    const auto options = read("host=a port=1 user=b password=c dbname=d sslmode=disable", {{"PGHOST", "x"},
                                                                                           {"PGPORT", "bad"},
                                                                                           {"PGUSER", "x"},
                                                                                           {"PGPASSWORD", "x"},
                                                                                           {"PGDATABASE", "x"},
                                                                                           {"PGSSLMODE", "require"}});
    EXPECT_EQ(options.host, "a");
    EXPECT_EQ(options.port, 1);
    EXPECT_EQ(options.user, "b");
    EXPECT_EQ(options.password, "c");
    EXPECT_EQ(options.dbname, "d");
}

TEST(connect_options, an_empty_part_of_a_url_is_filled_but_an_empty_value_is_not)
{
    const variables environment{{"PGUSER", "u"}, {"PGHOST", "h"}, {"PGPORT", "7"}, {"PGPASSWORD", "p"}};
    const auto url = read("postgres://:@:/", environment);
    EXPECT_EQ(url.user, "u");
    EXPECT_EQ(url.host, "h");
    EXPECT_EQ(url.port, 7);
    EXPECT_EQ(url.password, "p");
    const auto conninfo = read("host='' port='' password=''", environment);
    EXPECT_EQ(conninfo.host, "");
    EXPECT_EQ(conninfo.port, 5432);
    EXPECT_EQ(conninfo.password, "");
}

TEST(connect_options, an_empty_variable_is_an_empty_value)
{
    const auto options = read("user=u fallback_application_name=f",
                              {{"PGPORT", ""}, {"PGHOST", ""}, {"PGDATABASE", ""}, {"PGAPPNAME", ""}, {"PGTZ", ""}});
    EXPECT_EQ(options.port, 5432);
    EXPECT_EQ(options.host, "");
    EXPECT_EQ(options.dbname, "u");
    EXPECT_EQ(options.fallback_application_name, "") << "there is another name, and it is empty";
    EXPECT_EQ(options.runtime_parameters, (std::vector<std::pair<std::string, std::string>>{{"TimeZone", ""}}));
    for (const char* variable : {"PGSSLMODE", "PGCHANNELBINDING", "PGTARGETSESSIONATTRS", "PGCONNECT_TIMEOUT"})
        EXPECT_TRUE(contains(refusal("user=u", {{variable, ""}}), variable));
    EXPECT_TRUE(contains(refusal("user=u", {{"PGSERVICE", ""}}), "the service \"\""));
}

TEST(connect_options, a_parameter_whose_variable_says_default_is_left_to_the_server)
{
    const auto options = read("user=u", {{"PGTZ", "default"}, {"PGDATESTYLE", "Default"}, {"PGGEQO", "off"}});
    EXPECT_EQ(options.runtime_parameters, (std::vector<std::pair<std::string, std::string>>{{"geqo", "off"}}));
}

TEST(connect_options, switches_are_0_or_1)
{
    EXPECT_FALSE(read("user=u sslsni=0").sslsni);
    EXPECT_FALSE(read("user=u sslsni=''").sslsni);
    EXPECT_TRUE(read("user=u sslsni=1 gssdelegation=1").gssdelegation);
    EXPECT_TRUE(contains(refusal("user=u sslsni=yes"), "sslsni"));
    EXPECT_TRUE(contains(refusal("user=u gssdelegation=2"), "gssdelegation"));
}

TEST(connect_options, the_database_is_named_like_the_user_and_the_user_like_that_of_the_system)
{
    EXPECT_EQ(read("user=u").dbname, "u");
    EXPECT_EQ(read("user=u dbname=''").dbname, "u");
    const auto options = read("", {});
    EXPECT_FALSE(options.user.empty());
    EXPECT_EQ(options.dbname, options.user);
}

TEST(connect_options, of_a_doubled_key_the_last_counts)
{
    EXPECT_EQ(read("host=a host=b").host, "b");
    EXPECT_EQ(read("postgres://a/?host=b").host, "b");
}

TEST(connect_options, one_second_is_one_second)
{
    EXPECT_EQ(read("connect_timeout=1").connect_timeout, 1s);
    EXPECT_EQ(read("connect_timeout=-5").connect_timeout, 0s);
}

TEST(connect_options, numbers_out_of_range_are_refused)
{
    for (const char* port : {"0", "65536", "-1", "abc", "5432x", "99999999999", "' '"})
        EXPECT_TRUE(contains(refusal("port="s + port), "port: not a number from 1 to 65535")) << port;
    EXPECT_EQ(read("port=65535").port, 65535);
    for (const char* timeout : {"''", "abc", "1s", "99999999999"})
        EXPECT_TRUE(contains(refusal("connect_timeout="s + timeout), "seconds")) << timeout;
    EXPECT_TRUE(contains(refusal("user=u", {{"PGPORT", "x"}}), "PGPORT"));
}

TEST(connect_options, an_unknown_key_is_refused_with_the_nearest_known_one)
{
    EXPECT_TRUE(contains(refusal("pasword=x"), "did you mean \"password\"?"));
    EXPECT_TRUE(contains(refusal("hots=x"), "did you mean \"host\"?"));
    EXPECT_TRUE(contains(refusal("postgres://h/?aplication_name=x"), "did you mean \"application_name\"?"));
    EXPECT_TRUE(contains(refusal("search_path=x"), "\"search_path\" is not known; a server setting"));
    EXPECT_TRUE(contains(refusal("HOST=x"), "not known"));
    EXPECT_TRUE(contains(refusal("=x"), "not known"));
}

TEST(connect_options, what_tusk_cannot_do_is_refused_and_never_ignored)
{
    for (const char* text :
         {"sslkeylogfile=x", "sslcompression=1", "gssencmode=require", "gsslib=x", "replication=database",
          "scram_client_key=x", "scram_server_key=x", "oauth_client_secret=x"})
        EXPECT_TRUE(contains(refusal(text), "this library cannot")) << text;
    EXPECT_TRUE(contains(refusal("", {{"PGUSER", "u"}, {"PGGSSENCMODE", "require"}}), "PGGSSENCMODE"));
    EXPECT_NO_THROW(read("gssencmode=disable replication=false sslcompression=0 gsslib=gssapi"));
}

TEST(connect_options, words_that_a_key_does_not_have_are_refused_with_those_that_it_has)
{
    for (const char* key :
         {"sslmode", "sslnegotiation", "sslcertmode", "channel_binding", "target_session_attrs", "load_balance_hosts",
          "min_protocol_version", "max_protocol_version", "ssl_min_protocol_version"}) {
        EXPECT_TRUE(contains(refusal(key + "=sometimes"s), "none of ")) << key;
    }
    EXPECT_TRUE(contains(refusal("sslmode=''"), "verify-full"));
    EXPECT_TRUE(contains(refusal("", {{"PGUSER", "u"}, {"PGSSLMODE", "x"}}), "PGSSLMODE"));
    EXPECT_TRUE(contains(refusal("keepalives=on"), "neither 0"));
    EXPECT_TRUE(contains(refusal("keepalives_idle=''"), "whole number"));
}

TEST(connect_options, the_keys_of_tls_and_of_the_link_arrive)
{
    const auto options =
        read("sslmode=verify-full sslnegotiation=direct sslrootcert=r sslcert=c sslkey=k sslpassword=s "
             "sslcertmode=require sslcrl=l sslcrldir=d sslsni=0 ssl_min_protocol_version=tlsV1.3 "
             "ssl_max_protocol_version=TLSv1.3 channel_binding=require require_auth=!md5,!password "
             "requirepeer=postgres keepalives=0 keepalives_idle=1 keepalives_interval=2 "
             "keepalives_count=3 tcp_user_timeout=4 min_protocol_version=3.0 "
             "max_protocol_version=latest target_session_attrs=prefer-standby "
             "load_balance_hosts=random passfile=f oauth_issuer=i oauth_client_id=ci oauth_scope=sc");
    EXPECT_EQ(options.sslmode, "verify-full");
    EXPECT_EQ(options.sslnegotiation, "direct");
    EXPECT_EQ(options.sslrootcert + options.sslcert + options.sslkey + options.sslpassword, "rcks");
    EXPECT_EQ(options.sslcertmode, "require");
    EXPECT_EQ(options.sslcrl + options.sslcrldir, "ld");
    EXPECT_FALSE(options.sslsni);
    EXPECT_EQ(options.ssl_min_protocol_version, "TLSv1.3");
    EXPECT_EQ(options.ssl_max_protocol_version, "TLSv1.3");
    EXPECT_EQ(options.channel_binding, "require");
    EXPECT_EQ(options.require_auth, "!md5,!password");
    EXPECT_EQ(options.requirepeer, "postgres");
    EXPECT_FALSE(options.keepalives);
    EXPECT_EQ(options.keepalives_idle, 1s);
    EXPECT_EQ(options.keepalives_interval, 2s);
    EXPECT_EQ(options.keepalives_count, 3U);
    EXPECT_EQ(options.tcp_user_timeout, 4ms);
    EXPECT_EQ(options.min_protocol_version, "3.0");
    EXPECT_EQ(options.max_protocol_version, "latest");
    EXPECT_EQ(options.target_session_attrs, "prefer-standby");
    EXPECT_EQ(options.load_balance_hosts, "random");
    EXPECT_EQ(options.passfile + options.oauth_issuer + options.oauth_client_id + options.oauth_scope, "ficisc");
}

TEST(connect_options, contradictions_are_refused)
{
    EXPECT_TRUE(contains(refusal("sslrootcert=system sslmode=require"), "verify-full"));
    EXPECT_TRUE(contains(refusal("sslnegotiation=direct"), "sslmode=require"));
    EXPECT_TRUE(contains(refusal("ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2"), "swap"));
    EXPECT_TRUE(contains(refusal("min_protocol_version=3.2 max_protocol_version=3.0"), "swap"));
    EXPECT_TRUE(contains(refusal("host=a,b hostaddr=192.0.2.1"), "as many"));
    EXPECT_TRUE(contains(refusal("host=a,b,c port=1,2"), "2 numbers for 3 hosts"));
    EXPECT_TRUE(contains(refusal("require_auth=md5,!password"), "'!'"));
    EXPECT_TRUE(contains(refusal("require_auth=md5,md5"), "twice"));
    EXPECT_TRUE(contains(refusal("require_auth=md5,"), "none of"));
}

TEST(connect_options, the_certificates_of_the_world_ask_for_the_name)
{
    EXPECT_EQ(read("sslrootcert=system").sslmode, "verify-full");
    EXPECT_EQ(read("", {{"PGUSER", "u"}, {"PGSSLROOTCERT", "system"}}).sslmode, "verify-full");
}

TEST(connect_options, requiressl_is_an_old_spelling_of_sslmode)
{
    EXPECT_EQ(read("requiressl=1").sslmode, "require");
    EXPECT_EQ(read("sslmode=disable requiressl=0").sslmode, "prefer");
    EXPECT_EQ(read("requiressl=1 sslmode=disable").sslmode, "disable");
    EXPECT_EQ(read("", {{"PGUSER", "u"}, {"PGREQUIRESSL", "1"}}).sslmode, "require");
    EXPECT_EQ(read("", {{"PGUSER", "u"}, {"PGREQUIRESSL", "1"}, {"PGSSLMODE", "allow"}}).sslmode, "allow");
}

TEST(connect_options, several_hosts_have_one_port_or_one_each)
{
    const auto one = read("postgres://a,b/d?port=7");
    EXPECT_EQ(one.host, "a,b");
    EXPECT_EQ(one.port, 7);
    EXPECT_TRUE(one.ports.empty());
    EXPECT_EQ(read("postgres://a:1,b,c:3/d").ports, (std::vector<std::uint16_t>{1, 5432, 3}));
    EXPECT_TRUE(contains(refusal("host=a,b port=1,70000"), "port: not a number"));
}

TEST(connect_options, the_encoding_is_utf8)
{
    for (const char* encoding : {"UTF8", "utf-8", "UTF_8", "unicode", "auto"})
        EXPECT_NO_THROW(read("client_encoding="s + encoding)) << encoding;
    EXPECT_TRUE(contains(refusal("client_encoding=latin1"), "UTF8"));
    EXPECT_TRUE(contains(refusal("", {{"PGUSER", "u"}, {"PGCLIENTENCODING", "SJIS"}}), "PGCLIENTENCODING"));
}

TEST(connect_options, zero_bytes_are_refused_everywhere)
{
    EXPECT_TRUE(contains(refusal("application_name=x\0user=admin"s), "zero byte"));
    EXPECT_TRUE(contains(refusal("postgres://h/d\0"s), "zero byte"));
    for (const char* url : {"postgres://u%00@h", "postgres://u:p%00@h", "postgres://h%00/", "postgres:///d%00",
                            "postgres:///?application_name=x%00user%00admin", "postgres:///?us%00er=x"})
        EXPECT_TRUE(contains(refusal(url), "zero byte")) << url;
    EXPECT_TRUE(contains(refusal("", {{"PGUSER", "a\0b"s}}), "zero byte"));
    EXPECT_TRUE(contains(refusal("user=u", {{"PGTZ", "UTC\0user"s}}), "zero byte"));
}

TEST(connect_options, malformed_strings_are_refused_with_the_place)
{
    EXPECT_TRUE(contains(refusal("host=a user"), "byte 8"));
    EXPECT_TRUE(contains(refusal("host"), "byte 1"));
    EXPECT_TRUE(contains(refusal("host a=b"), "byte 1"));
    EXPECT_TRUE(contains(refusal("user='abc"), "byte 6"));
    EXPECT_TRUE(contains(refusal("user='abc\\'"), "not closed"));
    EXPECT_TRUE(contains(refusal("postgres://[::1"), "']'"));
    EXPECT_TRUE(contains(refusal("postgres://[]/"), "empty"));
    EXPECT_TRUE(contains(refusal("postgres://[::1]x/"), "after the ']'"));
    EXPECT_TRUE(contains(refusal("postgres://h%2/"), "host"));
    EXPECT_TRUE(contains(refusal("postgres:///d%zz"), "database name"));
    EXPECT_TRUE(contains(refusal("postgres://h/?user"), "'='"));
    EXPECT_TRUE(contains(refusal("postgres://h/?user=a=b"), "second '='"));
    EXPECT_TRUE(contains(refusal("postgres://h/?&user=a"), "'='"));
    EXPECT_TRUE(contains(refusal("mysql://u:p@h/d"), "postgresql://"));
    EXPECT_TRUE(contains(refusal("postgres:/u:p@h/d"), "postgresql://"));
}

TEST(connect_options, a_url_with_a_misplaced_separator_is_refused)
{
    EXPECT_TRUE(contains(refusal("postgres://u:p@ss@h/d"), "%40"));
    EXPECT_TRUE(contains(refusal("postgres://u:p/ss@h/d"), "%40"));
    EXPECT_TRUE(contains(refusal("postgres://u:1/ss@h/d"), "%40"));
    EXPECT_EQ(read("postgres://h/?user=me@example").user, "me@example");
    EXPECT_EQ(read("postgres://u:p%40s%2Fs%3A%25@h/d").password, "p@s/s:%");
}

TEST(connect_options, no_refusal_shows_any_piece_of_the_password)
{
    // Letters that no message has, and everything that means something in a URL or a keyword/value string.
    constexpr std::string_view letters = "XZQJ7894@@//::??&&==%%##  ''\\\\,,[]";
    std::mt19937 random{11};
    std::uniform_int_distribution<std::size_t> letter{0, letters.size() - 1};
    std::uniform_int_distribution<std::size_t> length{4, 16};
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string password(length(random), 'x');
        for (char& c : password)
            c = letters[letter(random)];
        for (const std::string& text :
             {"postgres://me:" + password + "@h/d", "postgres://me:" + password + "@h/d?hots=1",
              "postgres://h/d?password=" + password, "postgres:///?user=me&password=" + password + "&hots=1",
              "postgres:/me:" + password + "@h/d", "mysql://me:" + password + "@h", "password=" + password,
              "password='" + password + "' hots=1", "host=h password=" + password + " hots=1", "pasword=" + password}) {
            try {
                const auto options = read(text);
                if (options.password == password) {
                    EXPECT_FALSE(contains(to_string(options), password)) << text;
                }
            } catch (const tusk::usage_error& e) {
                ++refused;
                for (std::size_t i = 0; i + 4 <= password.size(); ++i) {
                    const std::string piece = password.substr(i, 4);
                    // Four separators in a row can be in a message of themselves.
                    if (piece.find_first_of("XZQJ789") != piece.npos) {
                        ASSERT_FALSE(contains(e.what(), piece)) << text << '\n' << e.what();
                    }
                }
            }
        }
    }
    EXPECT_GT(refused, 1000);
}

TEST(connect_options, a_lost_word_of_a_password_is_not_taken_for_a_key)
{
    EXPECT_FALSE(contains(refusal("password=correct horse=battery"), "horse"));
    EXPECT_FALSE(contains(refusal("password=correct horse"), "horse"));
    EXPECT_FALSE(contains(refusal("postgres://u:p@h/?x=1&horse@battery=1"), "horse"));
    EXPECT_FALSE(contains(refusal("hunter2"), "hunter2"));
}

TEST(connect_options, runtime_parameters_are_set_and_replaced)
{
    tusk::connect_options options;
    options.set_parameter("search_path", "a").set_parameter("TimeZone", "UTC").set_parameter("timezone", "CET");
    const std::vector<std::pair<std::string, std::string>> expected{{"search_path", "a"}, {"TimeZone", "CET"}};
    EXPECT_EQ(options.runtime_parameters, expected);
}

TEST(connect_options, what_the_start_up_message_reserves_is_no_runtime_parameter)
{
    tusk::connect_options options;
    for (const char* name :
         {"user", "USER", "database", "options", "replication", "_pq_.x", "application_name", "client_encoding", ""})
        EXPECT_THROW(options.set_parameter(name, "x"), tusk::usage_error) << name;
    EXPECT_THROW(options.set_parameter("a\0b"s, "x"), tusk::usage_error);
    EXPECT_THROW(options.set_parameter("a", "x\0y"s), tusk::usage_error);
    EXPECT_TRUE(options.runtime_parameters.empty());
}

TEST(connect_options, validate_checks_what_was_assigned)
{
    const auto refuses = [](auto change) {
        tusk::connect_options options;
        options.user = "u";
        EXPECT_NO_THROW(options.validate());
        change(options);
        EXPECT_THROW(options.validate(), tusk::usage_error);
    };
    refuses([](auto& o) { o.user.clear(); });
    refuses([](auto& o) { o.user = "a\0b"s; });
    refuses([](auto& o) { o.host = "a\0b"s; });
    refuses([](auto& o) { o.hostaddr = "a,b", o.host = "a"; });
    refuses([](auto& o) { o.ports = {1, 2}; });
    refuses([](auto& o) { o.ports = {0}; });
    refuses([](auto& o) { o.hostaddr = "a\0b"s; });
    refuses([](auto& o) { o.password = "a\0b"s; });
    refuses([](auto& o) { o.dbname = "a\0b"s; });
    refuses([](auto& o) { o.application_name = "a\0b"s; });
    refuses([](auto& o) { o.fallback_application_name = "a\0b"s; });
    refuses([](auto& o) { o.options = "a\0b"s; });
    refuses([](auto& o) { o.port = 0; });
    refuses([](auto& o) { o.sslmode = "verify"; });
    refuses([](auto& o) { o.sslcert = "a\0b"s; });
    refuses([](auto& o) { o.channel_binding = ""; });
    refuses([](auto& o) { o.require_auth = "scram"; });
    refuses([](auto& o) { o.keepalives_idle = -1s; });
    refuses([](auto& o) { o.sslmode = ""; });
    refuses([](auto& o) { o.connect_timeout = -1s; });
    refuses([](auto& o) { o.scram_max_iterations = 0; });
    refuses([](auto& o) { o.max_message_size = 0; });
    refuses([](auto& o) { o.max_message_size = std::numeric_limits<std::size_t>::max(); });
    refuses([](auto& o) { o.runtime_parameters.emplace_back("user", "admin"); });
    refuses([](auto& o) { o.runtime_parameters.emplace_back("a", "b\0user"s); });
}

TEST(connect_options, to_string_masks_secrets_and_can_be_read_again)
{
    auto options = read("host=/run/pg port=7 user='me too' password=hunter2 dbname='it\\'s' connect_timeout=3");
    const std::string text = to_string(options);
    EXPECT_EQ(text, "host=/run/pg port=7 user='me too' password=*** dbname='it\\'s' connect_timeout=3 sslmode=prefer");
    const auto again = read(text);
    EXPECT_EQ(again.user, "me too");
    EXPECT_EQ(again.dbname, "it's");
    options.set_parameter("TimeZone", "UTC").set_parameter("app.token", "hunter3");
    EXPECT_TRUE(contains(to_string(options), " TimeZone=UTC app.token=***"));
    EXPECT_FALSE(contains(to_string(options), "hunter"));
    EXPECT_EQ(to_string(tusk::connect_options{}), "port=5432 sslmode=prefer");
    const auto full =
        read("host=a,b port=1,2 user=u sslmode=verify-full sslkey=k sslpassword=hunter4 keepalives_idle=3 "
             "target_session_attrs=standby require_auth=scram-sha-256");
    EXPECT_EQ(to_string(full), "host=a,b port=1,2 user=u dbname=u sslmode=verify-full sslkey=k sslpassword=*** "
                               "require_auth=scram-sha-256 target_session_attrs=standby keepalives_idle=3");
}
