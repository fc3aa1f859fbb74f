#include "protocol/scram.hpp"

#include "scram_server.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using tusk::authentication_error;
using tusk::protocol_error;
using tusk::usage_error;
using tusk::protocol::scram_client;
using tusk::protocol::scram_settings;

constexpr const char* salt = "W22ZaJ0SNY7soEsUEjb6gQ=="; // of RFC 7677

scram_settings with_nonce(std::string nonce)
{
    scram_settings settings;
    settings.nonce = std::move(nonce);
    return settings;
}

std::string text_of(const std::string& nonce, const std::string& salt_text, const std::string& count)
{
    return "r=" + nonce + ",s=" + salt_text + ",i=" + count;
}

/// Gives a message to a client that awaits the server's first one; its nonce is "abc".
void give_first(const std::string& message, unsigned max_iterations = 1'000'000)
{
    scram_settings settings = with_nonce("abc");
    settings.max_iterations = max_iterations;
    scram_client client{"pencil", settings};
    static_cast<void>(client.client_first());
    client.server_first(message);
}

/// A client whose key is derived and whose final message was sent, in RFC 7677's conversation.
class scram_final : public testing::Test
{
protected:
    scram_final()
    {
        static_cast<void>(client.client_first());
        client.server_first("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        while (!client.advance(1000)) {}
        final_message = client.client_final();
    }

    static scram_settings settings()
    {
        scram_settings rfc = with_nonce("rOprNGfwEbeRWgbNEkqO");
        rfc.user = "user";
        return rfc;
    }

    scram_client client{"pencil", settings()};
    std::string final_message;
};

TEST(scram, opens_as_rfc_7677_says)
{
    scram_settings settings = with_nonce("rOprNGfwEbeRWgbNEkqO");
    settings.user = "user";
    scram_client client{"pencil", settings};
    EXPECT_EQ(client.client_first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
}

TEST_F(scram_final, gives_the_vector_of_rfc_7677)
{
    EXPECT_EQ(final_message, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                             "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    EXPECT_FALSE(client.verified());
    client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    EXPECT_TRUE(client.verified());
}

TEST_F(scram_final, refuses_base64_with_bits_behind_its_end)
{
    // Decodes to the right 32 bytes where the decoder is forgiving.
    EXPECT_THROW(client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="), protocol_error);
    EXPECT_FALSE(client.verified());
}

TEST_F(scram_final, refuses_the_signature_of_somebody_else)
{
    EXPECT_THROW(client.server_final("v=" + scram_server::base64(std::string(32, 'x'))), authentication_error);
    EXPECT_FALSE(client.verified());
    // And what would have been right comes too late.
    EXPECT_THROW(client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), protocol_error);
    EXPECT_FALSE(client.verified());
}

TEST_F(scram_final, refuses_the_signature_with_one_bit_changed)
{
    EXPECT_THROW(client.server_final("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), authentication_error);
    EXPECT_FALSE(client.verified());
}

TEST_F(scram_final, names_the_servers_error)
{
    try {
        client.server_final("e=invalid-proof");
        FAIL() << "accepted";
    } catch (const authentication_error& error) {
        EXPECT_NE(std::string{error.what()}.find("invalid-proof"), std::string::npos);
    }
    EXPECT_FALSE(client.verified());
}

TEST_F(scram_final, does_not_repeat_an_error_that_is_no_word)
{
    try {
        client.server_final("e=\x1b[2Jboo");
        FAIL() << "accepted";
    } catch (const authentication_error& error) {
        EXPECT_EQ(std::string{error.what()}.find('\x1b'), std::string::npos);
        EXPECT_EQ(std::string{error.what()}.find("boo"), std::string::npos);
    }
}

TEST_F(scram_final, ignores_an_extension_behind_the_signature)
{
    client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=later");
    EXPECT_TRUE(client.verified());
}

TEST_F(scram_final, accepts_the_signature_once)
{
    client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    EXPECT_THROW(client.server_final("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), protocol_error);
    EXPECT_FALSE(client.verified());
}

TEST(scram, refuses_a_malformed_final_message)
{
    const std::string right = "v=" + scram_server::base64(std::string(32, 'x'));
    const std::vector<std::string> malformed{
        "",
        "v",
        "v=",
        "v=AAAA",
        "v=" + scram_server::base64(std::string(31, 'x')),
        "v=" + scram_server::base64(std::string(33, 'x')),
        "v=not base64 at all!",
        " " + right,
        right + " ",
        right + ",",
        right + ",v=AAAA",
        right + ",e=invalid-proof",
        right + ",x=",
        "x=1," + right,
        "v=" + std::string(70'000, 'A'),
    };
    for (const std::string& message : malformed) {
        scram_server server{"pencil", "salty", 1};
        scram_client client{"pencil", {}};
        client.server_first(server.first(client.client_first()));
        EXPECT_TRUE(client.advance(1));
        static_cast<void>(client.client_final());
        EXPECT_THROW(client.server_final(message), protocol_error) << message.substr(0, 100);
        EXPECT_FALSE(client.verified());
    }
}

TEST(scram, agrees_with_a_server_of_our_own_for_many_passwords)
{
    const std::vector<std::string> passwords{"x", "pencil", "p@ss,w=rd", std::string(200, 'y'), "gr\u00FC\u00DFe"};
    for (const std::string& password : passwords) {
        scram_server server{password, std::string("\0\xff salt", 7), 777};
        scram_client client{password, {}};
        client.server_first(server.first(client.client_first()));
        EXPECT_FALSE(client.advance(400));
        EXPECT_TRUE(client.advance(400));
        const auto answer = server.final(client.client_final());
        ASSERT_TRUE(answer.has_value()) << password;
        client.server_final(*answer);
        EXPECT_TRUE(client.verified());
    }
}

TEST(scram, prepares_the_password)
{
    scram_server server{"IX", "salt", 2};
    scram_client client{"\u2168", {}};
    client.server_first(server.first(client.client_first()));
    EXPECT_TRUE(client.advance(2));
    EXPECT_TRUE(server.final(client.client_final()).has_value());
}

TEST(scram, a_wrong_password_gives_a_wrong_proof)
{
    scram_server server{"pencil", "salt", 2};
    scram_client client{"pencil2", {}};
    client.server_first(server.first(client.client_first()));
    EXPECT_TRUE(client.advance(2));
    EXPECT_FALSE(server.final(client.client_final()).has_value());
}

TEST(scram, makes_a_new_nonce_each_time)
{
    scram_client one{"pencil", {}};
    scram_client other{"pencil", {}};
    const std::string first = one.client_first();
    EXPECT_NE(first, other.client_first());
    EXPECT_EQ(first.substr(0, 8), "n,,n=,r=");
    EXPECT_EQ(first.size(), 8U + 24U);
}

TEST(scram, escapes_the_users_name)
{
    scram_settings settings = with_nonce("abc");
    settings.user = "a=b,c";
    scram_client client{"pencil", settings};
    EXPECT_EQ(client.client_first(), "n,,n=a=3Db=2Cc,r=abc");
}

TEST(scram, sends_the_channel_binding_it_was_given)
{
    scram_settings settings = with_nonce("abc");
    settings.gs2_header = "p=tls-server-end-point,,";
    settings.channel_binding = "hash";
    scram_client client{"pencil", settings};
    EXPECT_EQ(client.client_first(), "p=tls-server-end-point,,n=,r=abc");
    client.server_first(text_of("abcdef", salt, "1"));
    EXPECT_TRUE(client.advance(1));
    const std::string expected = "c=" + scram_server::base64("p=tls-server-end-point,,hash") + ",r=abcdef,p=";
    EXPECT_EQ(client.client_final().substr(0, expected.size()), expected);
}

TEST(scram, refuses_a_nonce_that_does_not_extend_ours)
{
    for (const char* nonce : {"", "abc", "ab", "xabc", "abd+more", "ABC+more", "+more"})
        EXPECT_THROW(give_first(text_of(nonce, salt, "4096")), authentication_error) << nonce;
    EXPECT_NO_THROW(give_first(text_of("abcd", salt, "4096")));
}

TEST(scram, refuses_a_nonce_that_is_not_printable)
{
    using namespace std::string_literals;
    for (const std::string& nonce : {"abc d"s, "abc\t"s, "abc\0"s, "abc\x7f"s, "abc\u00E4"s})
        EXPECT_THROW(give_first(text_of(nonce, salt, "4096")), protocol_error) << nonce;
}

TEST(scram, refuses_a_malformed_first_message)
{
    const std::string s = std::string{"s="} + salt;
    const std::vector<std::string> malformed{
        "",
        "r",
        "r=abcdef",
        "r=abcdef,",
        "r=abcdef," + s,
        "r=abcdef," + s + ",",
        "r=abcdef,i=4096",
        s + ",r=abcdef,i=4096",
        "r=abcdef,i=4096," + s,
        "r=abcdef,r=abcdef," + s + ",i=4096",
        "r=abcdef," + s + "," + s + ",i=4096",
        "r=abcdef," + s + ",i=4096,i=1",
        "r=abcdef," + s + ",i=4096,",
        "r=abcdef," + s + ",i=4096,junk",
        "r=abcdef," + s + ",i=4096,x=",
        "r=abcdef," + s + ",i=4096,m=later",
        "R=abcdef," + s + ",i=4096",
        " r=abcdef," + s + ",i=4096",
        "x=1,r=abcdef," + s + ",i=4096",
        "r=abcdef,," + s + ",i=4096",
    };
    for (const std::string& message : malformed)
        EXPECT_THROW(give_first(message), protocol_error) << message;
}

TEST(scram, refuses_a_salt_that_is_not_base64)
{
    for (const char* text : {"", "A", "AB", "ABC", "ABCDE", "====", "AB==CD==", "A===", "AB=C", "ABC=ABC=", "AB C",
                             "ABC\n", "ABC*", "AB-_", "AB==\n", " ABC"})
        EXPECT_THROW(give_first(text_of("abcdef", text, "4096")), protocol_error) << text;
    for (const char* text : {"AA==", "AAA=", "AAAA", "+/+/"})
        EXPECT_NO_THROW(give_first(text_of("abcdef", text, "4096"))) << text;
}

TEST(scram, refuses_a_count_that_is_no_positive_number)
{
    for (const char* count : {"", "0", "-1", "+1", "01", "1 ", " 1", "4096x", "0x10", "1e3"})
        EXPECT_THROW(give_first(text_of("abcdef", salt, count)), protocol_error) << count;
}

TEST(scram, refuses_more_iterations_than_allowed)
{
    for (const char* count : {"1000001", "2147483647", "4294967296", "4294967297", "99999999999999999999999999"}) {
        try {
            give_first(text_of("abcdef", salt, count));
            FAIL() << count;
        } catch (const authentication_error& error) {
            EXPECT_NE(std::string{error.what()}.find("scram_max_iterations"), std::string::npos);
            EXPECT_NE(std::string{error.what()}.find("1000000"), std::string::npos);
        }
    }
    EXPECT_NO_THROW(give_first(text_of("abcdef", salt, "1000000")));
    EXPECT_THROW(give_first(text_of("abcdef", salt, "11"), 10), authentication_error);
    EXPECT_NO_THROW(give_first(text_of("abcdef", salt, "10"), 10));
}

TEST(scram, refuses_a_mandatory_extension)
{
    EXPECT_THROW(give_first("m=future," + text_of("abcdef", salt, "4096")), authentication_error);
}

TEST(scram, ignores_an_optional_extension)
{
    EXPECT_NO_THROW(give_first(text_of("abcdef", salt, "4096") + ",x=whatever,Y=2"));
}

TEST(scram, bounds_the_size_of_a_message)
{
    EXPECT_NO_THROW(give_first(text_of("abc" + std::string(60'000, 'n'), salt, "4096")));
    EXPECT_THROW(give_first(text_of("abc" + std::string(70'000, 'n'), salt, "4096")), protocol_error);
    EXPECT_THROW(give_first(text_of("abcdef", std::string(70'000, 'A'), "4096")), protocol_error);
}

TEST(scram, refuses_what_is_out_of_order)
{
    const std::string first = text_of("abcdef", salt, "2");
    const std::string last = "v=" + scram_server::base64(std::string(32, 'x'));
    {
        scram_client client{"pencil", with_nonce("abc")};
        EXPECT_THROW(client.server_first(first), protocol_error) << "before the client's first message";
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        EXPECT_THROW(static_cast<void>(client.client_final()), usage_error);
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        EXPECT_THROW(client.server_final(last), protocol_error) << "the final message first";
        EXPECT_THROW(client.server_first(first), protocol_error) << "after a failure";
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        EXPECT_THROW(static_cast<void>(client.client_first()), usage_error);
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        client.server_first(first);
        EXPECT_THROW(client.server_first(first), protocol_error) << "the first message twice";
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        EXPECT_THROW(client.advance(1), usage_error);
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        client.server_first(first);
        EXPECT_FALSE(client.advance(0));
        EXPECT_THROW(static_cast<void>(client.client_final()), usage_error) << "with half a key";
    }
    {
        scram_client client{"pencil", with_nonce("abc")};
        static_cast<void>(client.client_first());
        client.server_first(first);
        EXPECT_TRUE(client.advance(2));
        EXPECT_THROW(client.server_final(last), protocol_error) << "before the client's final message";
    }
}

} // namespace
