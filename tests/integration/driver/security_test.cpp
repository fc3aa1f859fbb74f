// Known attacks by whoever gives values, names or settings, and by whoever watches the wire, against a real server.
// Each test is named after the vulnerability of another client.

#include "support/run.hpp"
#include "support/sparse_bytes.hpp"
#include "support/tls_server.hpp"

#include <asio/buffer.hpp>
#include <asio/detached.hpp>
#include <asio/error_code.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace tusk::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using asio::ip::tcp;

std::vector<std::size_t> lengths_that_wrap()
{
    constexpr std::size_t one = 1;
    return {one << 30, one << 31, (one << 32) - 1, one << 32, (one << 32) + 17};
}

// ---- Values.

TEST(security, CVE_2024_27304_a_chunk_of_a_copy_whose_length_would_wrap_is_refused_and_the_copy_goes_on)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMPORARY TABLE lines (line text)");
        tusk::raw_copy_writer writer = co_await conn.copy_in("COPY lines FROM STDIN");
        for (const std::size_t length : lengths_that_wrap()) {
            const sparse_bytes many{length};
            EXPECT_THROW(static_cast<void>(writer.add(many.bytes())), tusk::encode_error) << length;
        }
        static_cast<void>(writer.add("one\n"));
        const auto tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 1U);
        co_await expect_usable(conn);
    });
}

TEST(security, CVE_2024_32655_a_row_of_a_copy_whose_length_would_wrap_is_not_added)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        co_await conn.execute("CREATE TEMPORARY TABLE blobs (a bytea, b bytea, c bytea)");
        tusk::copy_writer writer = co_await conn.copy_into("blobs");
        const sparse_bytes half{std::size_t{540} << 20};
        EXPECT_THROW(static_cast<void>(writer.add(half.bytes(), half.bytes(), half.bytes())), tusk::encode_error);
        for (const std::size_t length : lengths_that_wrap()) {
            const sparse_bytes many{length};
            EXPECT_THROW(static_cast<void>(writer.add(many.bytes(), many.bytes(), many.bytes())), tusk::encode_error);
        }
        const std::vector<std::byte> few(3);
        static_cast<void>(writer.add(few, few, few));
        const auto tag = co_await writer.finish();
        EXPECT_EQ(tag.rows_affected(), 1U);
        co_await expect_usable(conn);
    });
}

TEST(security, RUSTSEC_2024_0363_more_parameters_than_can_be_counted)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const int count : {65'536, 70'000, 131'073}) {
            tusk::parameters many;
            for (int i = 0; i != count; ++i)
                many.add(i);
            const auto refused = co_await thrown<tusk::usage_error>([&] { return conn.query("SELECT $1::int", many); });
            expect_mentions(refused, std::to_string(count));
        }
        co_await expect_usable(conn);
    });
}

TEST(security, CVE_2024_27289_CVE_2024_1597_values_never_become_sql)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        const std::string hostile = "\n; SELECT pg_terminate_backend(pg_backend_pid()) --";
        const auto [number, text] =
            co_await conn.query_one<std::tuple<int, std::string>>("SELECT -$1::int, $2::text", -42, hostile);
        EXPECT_EQ(number, 42);
        EXPECT_EQ(text, hostile);
        for (const std::string& each : {"'"s, "\\'"s, "$$"s, "$1"s, "/*"s, "--"s, "\xE2\x82\xAC'"s}) {
            const auto same = co_await conn.query_one<std::string>("SELECT $1::text", each);
            EXPECT_EQ(same, each);
        }
    });
}

TEST(security, CVE_2026_41889_what_looks_like_a_placeholder_in_quotes_is_none)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        using texts = std::tuple<std::string, std::string, std::string, std::string>;
        const texts seen = co_await conn.query_one<texts>(
            R"(SELECT $tag$ $1 $tag$, E'\'$1', /* $2 /* $3 */ */ $1::text || '$1' AS "$2", U&'\0024' || '1')", "v");
        EXPECT_EQ(seen, (texts{" $1 ", "'$1", "v$1", "$1"}));
    });
}

TEST(security, CVE_2022_31197_CVE_2017_16082_names_from_the_database_never_become_sql_nor_formats)
{
    const std::vector<std::string> names{R"(a"; SELECT 1; --)", "{} {0} %s %n", R"(\")", "$1", "'); DROP TABLE t; --"};
    run_connected([&](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::string& name : names) {
            const tusk::identifier column{name};
            co_await conn.execute(fmt::format("CREATE TEMPORARY TABLE odd ({0} int CHECK ({0} > 0))", column.sql()));
            tusk::copy_writer writer = co_await conn.copy_into("odd", name);
            static_cast<void>(writer.add(7));
            co_await writer.finish();
            const auto rows = co_await conn.query("SELECT * FROM odd");
            EXPECT_EQ(rows.columns()[0].name, name);
            EXPECT_EQ(rows[0][name].as<int>(), 7);
            // In messages, too.
            const auto misread =
                co_await thrown<tusk::decode_error>([&] { return conn.query_one<std::string>("SELECT * FROM odd"); });
            expect_mentions(misread, name);
            const auto refused =
                co_await thrown<tusk::check_violation>([&] { return conn.execute("INSERT INTO odd VALUES (-1)"); });
            EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::check_violation);
            co_await conn.execute("DROP TABLE odd");
        }
        co_await expect_usable(conn);
    });
}

TEST(security, CVE_2025_1094_a_name_that_is_not_utf8_does_not_end_its_quotes)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        for (const std::string& name : {"\xC0\"; SELECT 1; --"s, "\xE2\x82\"; SELECT 1; --"s, "\xFF"s, "x\xF0"s}) {
            const auto refused = co_await thrown<tusk::server_error>([&] { return conn.listen(name); });
            EXPECT_EQ(refused.sqlstate(), tusk::sqlstate::character_not_in_repertoire) << refused.what();
        }
        EXPECT_EQ(tusk::identifier{"a\"b"}.sql(), R"("a""b")");
        co_await expect_usable(conn);
    });
}

TEST(security, CVE_2006_2313_an_encoding_in_which_a_backslash_can_be_half_a_character_is_refused)
{
    for (const char* encoding : {"SJIS", "BIG5", "GBK", "GB18030", "UHC", "SQL_ASCII", "LATIN1"}) {
        EXPECT_THROW(tusk::connect_options{fmt::format("user=u client_encoding={}", encoding)}, tusk::usage_error);
        run([&]() -> asio::awaitable<void> {
            tusk::connect_options options{server().url()};
            options.options = fmt::format("-c client_encoding={}", encoding);
            tusk::connection conn = co_await tusk::connect(options);
            EXPECT_EQ(conn.parameter("client_encoding"), "UTF8");
            const auto sql = fmt::format("SET client_encoding = '{}'", encoding);
            static_cast<void>(co_await thrown<tusk::error>([&] { return conn.execute(sql); }));
            EXPECT_FALSE(conn.is_open());
        });
    }
}

TEST(security, pgx_startup_message_no_zero_byte_ends_a_name_or_a_statement_early)
{
    const std::string name = "news\0; DROP TABLE t"s;
    EXPECT_THROW(tusk::identifier{name}, tusk::usage_error);
    run_connected([&](tusk::connection& conn) -> asio::awaitable<void> {
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.listen(name); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.query(name); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.execute_script(name); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.prepare(name); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.copy_in(name); }));
        static_cast<void>(co_await thrown<tusk::usage_error>([&] { return conn.copy_out(name); }));
        co_await expect_usable(conn);
    });
}

TEST(security, a_flood_of_notices_does_not_outlive_a_deadline)
{
    run_connected([](tusk::connection& conn) -> asio::awaitable<void> {
        auto hurried = conn.with_timeout(300ms);
        const auto begun = std::chrono::steady_clock::now();
        const auto late = co_await thrown<tusk::timeout_error>(
            [&] { return hurried.execute("DO $$ BEGIN LOOP RAISE NOTICE 'again'; END LOOP; END $$"); });
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s) << late.what();
    });
}

// ---- The wire.

TEST(security, CVE_2018_10936_verify_full_compares_the_name_and_require_says_that_it_does_not)
{
    const auto options = [](std::string_view mode, std::string_view host) {
        const tls_server& at = tls_server::shared();
        return tusk::connect_options{
            fmt::format("{} host={} sslmode={} sslrootcert={}", at.conninfo("t_any"), host, mode, at.root().string()),
            [](std::string_view) { return std::optional<std::string>{}; }};
    };
    run([&]() -> asio::awaitable<void> {
        const auto wrong = options("verify-full", "other.example");
        const auto refused = co_await thrown<tusk::connection_error>([&] { return tusk::connect(wrong); });
        expect_mentions(refused, "other.example");
        const auto right = options("verify-full", "localhost");
        tusk::connection verified = co_await tusk::connect(right);
        const auto lax = options("require", "other.example");
        tusk::connection unverified = co_await tusk::connect(lax);
    });
}

/// Passes bytes on to the TLS server, and keeps what clients send: one text a connection.
class recorder
{
public:
    explicit recorder(asio::io_context& io) : acceptor_{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}}
    {
        asio::co_spawn(io, accept(), asio::detached);
    }

    [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] const std::vector<std::shared_ptr<std::string>>& sent() const noexcept { return sent_; }
    void stop() { acceptor_.close(); }

private:
    asio::awaitable<void> accept()
    {
        auto executor = co_await asio::this_coro::executor;
        for (;;) {
            asio::error_code error;
            tcp::socket accepted = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return;
            auto client = std::make_shared<tcp::socket>(std::move(accepted));
            auto server = std::make_shared<tcp::socket>(executor);
            const tcp::endpoint to{asio::ip::address_v4::loopback(), tls_server::shared().port()};
            co_await server->async_connect(to, asio::use_awaitable);
            auto kept = std::make_shared<std::string>();
            sent_.push_back(kept);
            asio::co_spawn(executor, pass(client, server, kept), asio::detached);
            asio::co_spawn(executor, pass(server, client, nullptr), asio::detached);
        }
    }

    static asio::awaitable<void> pass(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to,
                                      std::shared_ptr<std::string> kept)
    {
        std::array<char, 4096> bytes{};
        asio::error_code error;
        while (!error) {
            const std::size_t count =
                co_await from->async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
            if (kept)
                kept->append(bytes.data(), count);
            if (!error)
                co_await asio::async_write(*to, asio::buffer(bytes, count),
                                           asio::redirect_error(asio::use_awaitable, error));
        }
        to->close(error);
    }

    tcp::acceptor acceptor_;
    std::vector<std::shared_ptr<std::string>> sent_;
};

TEST(security, pgx_cancel_request_in_clear_a_cancel_goes_by_tls_to_a_verified_server_as_the_session_does)
{
    constexpr std::string_view ssl_request{"\0\0\0\x08\x04\xd2\x16\x2f", 8};
    constexpr std::string_view cancel_code{"\x04\xd2\x16\x2e", 4};
    asio::io_context io;
    recorder wire{io};
    tusk::connect_options options{tls_server::shared().conninfo("t_any"),
                                  [](std::string_view) { return std::optional<std::string>{}; }};
    options.host = "localhost";
    options.port = wire.port();
    options.sslmode = "verify-full";
    options.sslrootcert = tls_server::shared().root();
    run(io, [&]() -> asio::awaitable<void> {
        tusk::connection conn = co_await tusk::connect(options);
        auto hurried = conn.with_timeout(100ms);
        static_cast<void>(co_await thrown<tusk::timeout_error>([&] { return hurried.execute("SELECT pg_sleep(60)"); }));
        co_await expect_usable(conn);
        co_await conn.close();
        wire.stop();
    }());
    ASSERT_GE(wire.sent().size(), 2U) << "no cancel was sent";
    for (const auto& each : wire.sent()) {
        EXPECT_TRUE(each->starts_with(ssl_request));
        EXPECT_EQ(each->find(cancel_code), std::string::npos);
    }
}

} // namespace
