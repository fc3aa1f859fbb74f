// Keys of earlier logins: every condition under which one may be kept and used.

#include "protocol/scram.hpp"
#include "protocol/scram_key_cache.hpp"

#include "scram_server.hpp"
#include "startup_peer.hpp"

#include <tusk/driver/conditions.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/scram_keys.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

namespace {

using namespace std::string_literals;
using tusk::protocol::scram_client;
using tusk::protocol::scram_key_cache;
using tusk::protocol::scram_settings;

/// Many, so that whether a key was derived shows in how many slices it took.
constexpr unsigned iterations = 8192;

struct who {
    std::string password = "secret";
    std::string identity = "server role";
    std::string salt = "salt";
    unsigned count = iterations;
};

enum class server_does { prove, lie };

/// Logs in, and returns whether a key had to be derived.
bool derives(scram_key_cache& cache, const who& as, server_does what = server_does::prove)
{
    scram_settings settings;
    settings.cache = &cache;
    settings.identity = as.identity;
    scram_client client{as.password, settings};
    scram_server server{as.password, as.salt, as.count};
    client.server_first(server.first(client.client_first()));
    const bool at_once = client.advance(0);
    while (!at_once && !client.advance(as.count)) {}
    std::string proof = server.final(client.client_final()).value();
    if (what == server_does::lie) {
        proof = "v=" + scram_server::base64(std::string(32, 'x'));
        EXPECT_THROW(client.server_final(proof), tusk::authentication_error);
    } else {
        client.server_final(proof);
    }
    return !at_once;
}

TEST(scram_key_cache, the_second_login_derives_nothing)
{
    scram_key_cache cache;
    EXPECT_TRUE(derives(cache, {}));
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_FALSE(derives(cache, {}));
    EXPECT_EQ(cache.size(), 1U);
}

TEST(scram_key_cache, another_server_role_salt_count_or_password_is_another_key)
{
    scram_key_cache cache;
    derives(cache, {});
    EXPECT_TRUE(derives(cache, {.password = "other"}));
    EXPECT_TRUE(derives(cache, {.identity = "other role"}));
    EXPECT_TRUE(derives(cache, {.salt = "other"}));
    EXPECT_TRUE(derives(cache, {.count = iterations + 1}));
    EXPECT_EQ(cache.size(), 5U);
    EXPECT_FALSE(derives(cache, {}));
}

TEST(scram_key_cache, only_a_server_that_proved_itself_leaves_a_key)
{
    scram_key_cache cache;
    EXPECT_TRUE(derives(cache, {}, server_does::lie));
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_TRUE(derives(cache, {}));
    EXPECT_FALSE(derives(cache, {}));
}

TEST(scram_key_cache, a_key_from_the_cache_does_not_excuse_the_server_from_its_proof)
{
    scram_key_cache cache;
    derives(cache, {});
    EXPECT_FALSE(derives(cache, {}, server_does::lie)); // it throws, which `derives` expects
}

TEST(scram_key_cache, a_hostile_server_with_many_salts_cannot_fill_it)
{
    scram_key_cache cache;
    derives(cache, {});
    who as;
    as.count = 1;
    for (int i = 0; i != 2000; ++i) {
        as.salt = "salt number " + std::to_string(i);
        derives(cache, as, server_does::lie);
    }
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_FALSE(derives(cache, {}));
}

TEST(scram_key_cache, holds_64_keys_and_lets_the_one_go_that_was_not_used_for_longest)
{
    scram_key_cache cache;
    who as;
    as.count = 2;
    for (int i = 0; i != 64; ++i) {
        as.salt = std::to_string(i);
        EXPECT_TRUE(derives(cache, as));
    }
    EXPECT_EQ(cache.size(), 64U);
    as.salt = "0";
    EXPECT_FALSE(derives(cache, as)); // used: the next to go is number 1
    as.salt = "new";
    EXPECT_TRUE(derives(cache, as));
    EXPECT_EQ(cache.size(), 64U);
    as.salt = "0";
    EXPECT_FALSE(derives(cache, as));
    as.salt = "1";
    EXPECT_TRUE(derives(cache, as));
}

TEST(scram_key_cache, keys_are_overwritten_where_they_lay)
{
    tusk::protocol::scram_keys keys;
    keys.client.fill(0xaa);
    keys.server.fill(0xbb);
    keys.wipe();
    EXPECT_EQ(keys.client, tusk::protocol::scram_keys::key{});
    EXPECT_EQ(keys.server, tusk::protocol::scram_keys::key{});
    alignas(tusk::protocol::scram_keys) unsigned char room[sizeof(tusk::protocol::scram_keys)];
    auto* placed = new (room) tusk::protocol::scram_keys;
    placed->client.fill(0xaa);
    placed->~scram_keys();
    const unsigned char nothing[32]{};
    EXPECT_EQ(std::memcmp(room, nothing, sizeof nothing), 0);
}

TEST(scram_key_cache, forgets_one_server_and_role_or_all)
{
    scram_key_cache cache;
    derives(cache, {});
    derives(cache, {.identity = "another"});
    cache.forget("server role");
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_TRUE(derives(cache, {}));
    cache.wipe();
    EXPECT_EQ(cache.size(), 0U);
}

// ---- In a whole start-up.

tusk::protocol::startup_settings settings_with(scram_key_cache* cache)
{
    tusk::protocol::startup_settings settings = startup_peer::settings();
    settings.scram_cache = cache;
    settings.scram_identity = "server role";
    return settings;
}

const std::string offer = big_endian(10) + "SCRAM-SHA-256\0\0"s;

/// Up to the client's proof.
void log_in(startup_peer& peer, scram_server& server)
{
    using state = tusk::protocol::startup::state;
    peer.give('R', offer);
    peer.give('R', big_endian(11) + server.first(peer.sent().substr(23)));
    while (peer.work() == state::working) {}
}

TEST(scram_key_cache, a_refused_password_wipes_the_keys_of_that_server_and_role)
{
    scram_key_cache cache;
    derives(cache, {});
    derives(cache, {.identity = "another"});
    startup_peer peer{settings_with(&cache)};
    scram_server server{"secret", "salt", iterations};
    log_in(peer, server);
    EXPECT_THROW(peer.give('E', error_body("28P01", "no")), tusk::invalid_password);
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_TRUE(derives(cache, {}));
}

TEST(scram_key_cache, another_error_wipes_nothing)
{
    scram_key_cache cache;
    derives(cache, {});
    startup_peer peer{settings_with(&cache)};
    scram_server server{"secret", "salt", iterations};
    log_in(peer, server);
    EXPECT_THROW(peer.give('E', error_body("53300", "full")), tusk::too_many_connections);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(scram_key_cache, without_a_cache_nothing_is_kept_anywhere)
{
    tusk::forget_scram_keys();
    startup_peer peer{settings_with(nullptr)};
    scram_server server{"secret", "salt", 2};
    log_in(peer, server);
    peer.give('R', big_endian(12) + server.final(peer.sent().substr(5)).value());
    peer.give('R', big_endian(0));
    EXPECT_EQ(scram_key_cache::shared().size(), 0U);
}

} // namespace
