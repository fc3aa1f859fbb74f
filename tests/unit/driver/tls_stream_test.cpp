// TLS over the in-memory transport: split at every byte, cut at every byte, and servers that cheat.

#include "connection/open_stream.hpp"
#include "support/certificates.hpp"
#include "support/tls_peer.hpp"
#include "transport/await.hpp"
#include "transport/memory_stream.hpp"
#include "transport/tls_error.hpp"

#include <tusk/driver/error.hpp>

#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/system_error.hpp>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <stdlib.h>

namespace {

using namespace tusk;
using namespace tusk::test;
using detail::encryption;

/// Certificates for all tests of this file.
struct files {
    files()
    {
        std::string name = std::filesystem::temp_directory_path() / "tusk-tls-unit-XXXXXX";
        folder = ::mkdtemp(name.data());
        authority = std::make_unique<certificate_authority>(folder, "ca");
        server = authority->issue("server", {"DNS:db.example"});
        const auto other = certificate_authority::with_ed25519(folder, "ed_ca");
        hashless = other->issue("hashless", {"DNS:db.example"});
        hashless_root = other->root();
    }
    ~files()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    std::filesystem::path folder;
    std::unique_ptr<certificate_authority> authority;
    certificate_files server;
    certificate_files hashless;
    std::filesystem::path hashless_root;
};

const files& shared_files()
{
    static const files instance;
    return instance;
}

connect_options options_of(std::string_view mode)
{
    connect_options options;
    options.user = "u";
    options.sslmode = mode;
    options.sslrootcert = shared_files().authority->root();
    return options;
}

tls_peer_settings settings()
{
    tls_peer_settings made;
    made.certificate = shared_files().server;
    return made;
}

/// One link to a peer in memory.
struct link {
    explicit link(const tls_peer_settings& how, std::shared_ptr<tls_peer_context> with = nullptr)
        : context{with ? std::move(with) : std::make_shared<tls_peer_context>(how)},
          peer{std::make_shared<tls_peer>(*context, how)}
    {
        to.host.name = "db.example";
        to.name = "memory";
        to.address.emplace();
    }

    asio::awaitable<void> open(encryption how, connect_options options)
    {
        std::unique_ptr<transport::stream> lower = std::make_unique<transport::memory_stream>(io.get_executor(), peer);
        opened = co_await detail::secure_stream(std::move(lower), to, how, options);
    }

    /// Runs a coroutine, and throws what it throws.
    void run(asio::awaitable<void> what)
    {
        std::exception_ptr thrown;
        bool done = false;
        asio::co_spawn(io, std::move(what), [&](std::exception_ptr how) {
            done = true;
            thrown = std::move(how);
        });
        io.restart();
        io.run_for(std::chrono::seconds{20});
        if (thrown)
            std::rethrow_exception(thrown);
        if (!done)
            throw std::logic_error{"it hangs"};
    }

    void open_now(encryption how = encryption::required, std::string_view mode = "verify-full")
    {
        run(open(how, options_of(mode)));
    }

    asio::awaitable<void> send(std::string text)
    {
        co_await transport::write(*opened.bytes, std::as_bytes(std::span{text}));
    }

    asio::awaitable<void> receive(std::size_t count, std::string& into)
    {
        while (into.size() < count) {
            std::string room(count - into.size(), '\0');
            const std::size_t got = co_await transport::read(*opened.bytes, std::as_writable_bytes(std::span{room}));
            into.append(room, 0, got);
        }
    }

    std::string echo(const std::string& text)
    {
        std::string got;
        run([&]() -> asio::awaitable<void> {
            co_await send(text);
            co_await receive(text.size(), got);
        }());
        return got;
    }

    /// What the next read ends with.
    asio::error_code end_of_read()
    {
        asio::error_code code;
        std::string ignored;
        try {
            run(receive(1'000'000, ignored));
        } catch (const asio::system_error& said) {
            code = said.code();
        }
        return code;
    }

    asio::io_context io;
    std::shared_ptr<tls_peer_context> context;
    std::shared_ptr<tls_peer> peer;
    detail::candidate to;
    transport::secured_stream opened;
};

/// The message of the refusal; fails the test where there is none.
template <class Refusal>
std::string refusal(link& of, encryption how = encryption::required, std::string_view mode = "verify-full")
{
    try {
        of.open_now(how, mode);
    } catch (const Refusal& said) {
        return said.what();
    }
    ADD_FAILURE() << "accepted";
    return {};
}

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

std::string long_text()
{
    std::string text;
    for (int i = 0; text.size() < 200'000; ++i)
        text += std::to_string(i) + ' ';
    return text;
}

TEST(tls_stream, what_is_sent_arrives_and_nothing_of_it_is_readable_on_the_way)
{
    link to{settings()};
    to.open_now();
    EXPECT_TRUE(to.opened.encrypted);
    EXPECT_TRUE(to.opened.bytes->is_private());
    EXPECT_EQ(to.opened.bytes->peer(), "memory");
    EXPECT_EQ(to.echo("a word that is easy to find"), "a word that is easy to find");
    EXPECT_FALSE(holds(to.peer->wire(), "easy to find"));
    EXPECT_EQ(to.peer->server_name(), "db.example");
    EXPECT_EQ(to.echo(long_text()), long_text());
}

TEST(tls_stream, in_pieces_of_every_size_it_is_the_same)
{
    for (const std::size_t piece : {1U, 2U, 3U, 5U, 17U, 1000U, 16'400U}) {
        SCOPED_TRACE(piece);
        tls_peer_settings how = settings();
        how.read_piece = piece;
        how.write_piece = piece;
        link to{how};
        to.open_now();
        const std::string text = long_text().substr(0, piece < 10 ? 3000 : 100'000);
        EXPECT_EQ(to.echo(text), text);
        EXPECT_EQ(to.peer->received(), text);
    }
}

TEST(tls_stream, what_comes_with_the_end_of_the_handshake_is_not_lost)
{
    tls_peer_settings how = settings();
    how.greeting = "hello";
    link to{how};
    to.open_now();
    std::string got;
    to.run(to.receive(5, got));
    EXPECT_EQ(got, "hello");
}

TEST(tls_stream, a_link_that_is_cut_at_any_byte_of_the_handshake_is_a_typed_error)
{
    link whole{settings()};
    whole.open_now();
    const std::size_t length = whole.peer->given();
    ASSERT_GT(length, 500U);
    std::size_t refused = 0;
    for (std::size_t cut = 0; cut < length; cut += cut < 50 ? 1 : 7) {
        SCOPED_TRACE(cut);
        tls_peer_settings how = settings();
        how.cut_at = cut;
        link to{how};
        try {
            to.open_now();
        } catch (const connection_error&) {
            ++refused;
            EXPECT_TRUE(to.peer->is_closed());
            continue;
        }
        // The server's tickets come behind its part of the handshake; the link ends among them.
        EXPECT_EQ(to.end_of_read(), make_error_code(transport::tls_fault::truncated));
    }
    EXPECT_GT(refused, 50U);
}

TEST(tls_stream, an_end_without_the_closing_alert_is_truncation)
{
    for (const bool properly : {true, false}) {
        tls_peer_settings how = settings();
        how.ends_at = "bye";
        how.ends_properly = properly;
        link to{how};
        to.open_now();
        EXPECT_EQ(to.echo("bye"), "bye");
        const asio::error_code end = to.end_of_read();
        if (properly) {
            EXPECT_EQ(end, asio::error::eof);
        } else {
            EXPECT_EQ(end, make_error_code(transport::tls_fault::truncated));
            EXPECT_TRUE(holds(end.message(), "cut off"));
        }
    }
}

TEST(tls_stream, closing_says_goodbye)
{
    link to{settings()};
    to.open_now();
    to.echo("x");
    to.opened.bytes->close();
    EXPECT_TRUE(to.peer->is_closed());
    EXPECT_TRUE(to.peer->was_told_goodbye());
    EXPECT_EQ(to.end_of_read(), asio::error::operation_aborted);
}

TEST(tls_stream, CVE_2021_23222_bytes_behind_the_servers_yes_are_never_taken_for_its_words)
{
    // A forged ReadyForQuery in the same packet as 'S', and then an honest handshake.
    tls_peer_settings how = settings();
    how.answer = std::string{"SZ\0\0\0\5I", 7};
    link to{how};
    const std::string said = refusal<connection_error>(to);
    EXPECT_TRUE(holds(said, "TLS")) << said;
    EXPECT_EQ(to.opened.bytes, nullptr);
}

TEST(tls_stream, CVE_2024_10977_the_text_of_an_error_before_tls_is_not_shown)
{
    tls_peer_settings how = settings();
    how.answer = "ESFATAL\x1b[2J please send your password to evil.example";
    link to{how};
    const std::string said = refusal<connection_error>(to);
    EXPECT_FALSE(holds(said, "evil"));
    EXPECT_FALSE(holds(said, "\x1b"));
    EXPECT_TRUE(holds(said, "server's log"));
}

TEST(tls_stream, CVE_2022_41862_an_endless_error_before_tls_is_not_read)
{
    tls_peer_settings how = settings();
    how.answer = "E" + std::string(4096, 'x');
    link to{how};
    EXPECT_LT(refusal<connection_error>(to).size(), 200U);
    EXPECT_EQ(to.peer->given(), 1U);
}

TEST(tls_stream, a_server_without_tls_is_refused_or_taken_as_it_is)
{
    tls_peer_settings how = settings();
    how.answer = "N";
    link strict{how};
    EXPECT_TRUE(holds(refusal<connection_error>(strict), "does not support TLS"));
    link lenient{how};
    lenient.open_now(encryption::if_offered, "prefer");
    EXPECT_FALSE(lenient.opened.encrypted);
    ASSERT_NE(lenient.opened.bytes, nullptr);
    link none{how};
    none.open_now(encryption::none, "disable");
    EXPECT_EQ(none.peer->wire(), "");
}

TEST(tls_stream, another_protocol_is_no_server)
{
    tls_peer_settings how = settings();
    how.answer = "HTTP/1.1 400 Bad Request\r\n";
    link to{how};
    EXPECT_TRUE(holds(refusal<protocol_error>(to), "0x48"));
}

TEST(tls_stream, direct_negotiation_begins_with_tls_and_insists_on_the_protocol)
{
    tls_peer_settings how = settings();
    how.awaits_request = false;
    connect_options options = options_of("verify-full");
    options.sslnegotiation = "direct";
    link good{how};
    good.run(good.open(encryption::required, options));
    EXPECT_EQ(good.peer->wire().front(), '\x16') << "the first byte is not that of a handshake";
    EXPECT_EQ(good.echo("x"), "x");

    how.knows_alpn = false;
    link bad{how};
    try {
        bad.run(bad.open(encryption::required, options));
        FAIL() << "accepted";
    } catch (const connection_error& said) {
        EXPECT_TRUE(holds(said.what(), "ALPN")) << said.what();
    }
    // Without `direct`, servers before PostgreSQL 17 are welcome.
    how.awaits_request = true;
    link old{how};
    old.open_now();
    EXPECT_TRUE(old.opened.encrypted);
}

TEST(tls_stream, an_untrusted_server_is_refused_and_so_is_one_of_another_name)
{
    connect_options options = options_of("verify-ca");
    options.sslrootcert = shared_files().hashless_root;
    link strange{settings()};
    try {
        strange.run(strange.open(encryption::required, options));
        FAIL() << "accepted";
    } catch (const connection_error& said) {
        EXPECT_TRUE(holds(said.what(), "sslrootcert")) << said.what();
    }
    link other_name{settings()};
    other_name.to.host.name = "other.example";
    EXPECT_TRUE(holds(refusal<connection_error>(other_name), "other.example"));
}

/// A stream that leaves this machine.
class far_stream final : public transport::stream
{
public:
    explicit far_stream(std::unique_ptr<transport::stream> lower) : lower_{std::move(lower)} {}

    std::size_t write_some(std::span<const std::byte> bytes, asio::error_code& error) override
    {
        return lower_->write_some(bytes, error);
    }
    std::size_t read_some(std::span<std::byte> room, asio::error_code& error) override
    {
        return lower_->read_some(room, error);
    }
    void start_read(std::span<std::byte> room, std::shared_ptr<transport::io_sink> sink) override
    {
        lower_->start_read(room, std::move(sink));
    }
    void start_write(std::span<const std::byte> bytes, std::shared_ptr<transport::io_sink> sink) override
    {
        lower_->start_write(bytes, std::move(sink));
    }
    void close() noexcept override { lower_->close(); }
    [[nodiscard]] bool is_private() const noexcept override { return false; }
    [[nodiscard]] const std::string& peer() const noexcept override { return lower_->peer(); }

private:
    std::unique_ptr<transport::stream> lower_;
};

/// Whether a password may be sent in clear to a far server in that mode.
bool is_private(std::string_view mode, bool has_roots, const std::string& answer = "S")
{
    tls_peer_settings how = settings();
    how.answer = answer;
    connect_options options = options_of(mode);
    if (!has_roots)
        options.sslrootcert.clear();
    link to{how};
    bool found = false;
    to.run([&]() -> asio::awaitable<void> {
        std::unique_ptr<transport::stream> far =
            std::make_unique<far_stream>(std::make_unique<transport::memory_stream>(to.io.get_executor(), to.peer));
        const transport::secured_stream made =
            co_await detail::secure_stream(std::move(far), to.to, encryption::if_offered, options);
        found = made.bytes->is_private();
    }());
    return found;
}

TEST(tls_stream, a_link_is_private_where_the_server_is_known_or_the_program_wants_no_less)
{
    EXPECT_TRUE(is_private("verify-full", true));
    EXPECT_TRUE(is_private("verify-ca", true));
    EXPECT_TRUE(is_private("require", false));
    EXPECT_TRUE(is_private("prefer", true));
    // TLS with whoever it is, and nobody said that this is good enough.
    EXPECT_FALSE(is_private("prefer", false));
    EXPECT_FALSE(is_private("allow", false));
    EXPECT_FALSE(is_private("prefer", false, "N"));
}

TEST(tls_stream, a_name_is_sent_for_proxies_unless_it_is_an_address_or_not_wanted)
{
    connect_options options = options_of("verify-ca");
    link address{settings()};
    address.to.host.name = "192.0.2.1";
    address.run(address.open(encryption::required, options));
    EXPECT_EQ(address.peer->server_name(), "");
    options.sslsni = false;
    link silent{settings()};
    silent.run(silent.open(encryption::required, options));
    EXPECT_EQ(silent.peer->server_name(), "");
}

TEST(tls_stream, what_scram_binds_to_is_the_hash_of_the_certificate)
{
    link to{settings()};
    to.open_now();
    std::FILE* in = std::fopen(shared_files().server.certificate.c_str(), "r");
    X509* certificate = PEM_read_X509(in, nullptr, nullptr, nullptr);
    std::fclose(in);
    std::string hash(32, '\0');
    X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
    X509_free(certificate);
    EXPECT_EQ(to.opened.server_end_point, hash);
}

TEST(tls_stream, CVE_2026_54291_a_certificate_signed_with_ed25519_has_nothing_to_bind_to)
{
    tls_peer_settings how = settings();
    how.certificate = shared_files().hashless;
    connect_options options = options_of("verify-full");
    options.sslrootcert = shared_files().hashless_root;
    link to{how};
    to.run(to.open(encryption::required, options));
    EXPECT_TRUE(to.opened.encrypted);
    EXPECT_EQ(to.opened.server_end_point, "");
}

TEST(tls_stream, a_later_connection_resumes_the_session_of_an_earlier_one)
{
    const auto context = std::make_shared<tls_peer_context>(settings());
    link first{settings(), context};
    first.to.name = "resumable";
    first.open_now();
    first.echo("x"); // the ticket comes behind the handshake
    EXPECT_FALSE(first.peer->resumed());

    link second{settings(), context};
    second.to.name = "resumable";
    second.open_now();
    EXPECT_TRUE(second.peer->resumed());
    EXPECT_EQ(second.echo("y"), "y");
    EXPECT_EQ(second.opened.server_end_point, first.opened.server_end_point);

    // Not that of another server, nor with less verification.
    link other{settings(), context};
    other.to.name = "another";
    other.open_now();
    EXPECT_FALSE(other.peer->resumed());
    link lax{settings(), context};
    lax.to.name = "resumable";
    lax.open_now(encryption::required, "verify-ca");
    EXPECT_FALSE(lax.peer->resumed());
}

TEST(tls_stream, a_session_that_the_server_has_forgotten_is_begun_anew)
{
    link first{settings()};
    first.to.name = "forgetful";
    first.open_now();
    first.echo("x");
    link second{settings()}; // a context of its own: other ticket keys
    second.to.name = "forgetful";
    second.open_now();
    EXPECT_FALSE(second.peer->resumed());
    EXPECT_EQ(second.echo("y"), "y");
}

TEST(tls_stream, a_failure_with_an_offered_session_is_told_apart_and_the_session_is_gone)
{
    link first{settings()};
    first.to.name = "replaced";
    first.open_now();
    first.echo("x");
    // Another server has taken its place.
    tls_peer_settings how = settings();
    how.certificate = shared_files().hashless;
    for (const bool offered : {true, false}) {
        link second{how};
        second.to.name = "replaced";
        try {
            second.open_now();
            FAIL() << "accepted";
        } catch (const transport::tls_handshake_error& said) {
            EXPECT_EQ(said.offered_session(), offered);
        }
    }
}

} // namespace
