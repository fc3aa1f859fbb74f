#include "protocol/startup_messages.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using tusk::byte_writer;
using tusk::usage_error;
using tusk::protocol::startup_parameter;

std::string written(const byte_writer& out)
{
    return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
}

TEST(startup_messages, startup_has_length_version_and_pairs)
{
    byte_writer out;
    const std::vector<startup_parameter> parameters{{"user", "me"}, {"options", ""}};
    tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_0, parameters);
    EXPECT_EQ(written(out), "\0\0\0\x1a\0\3\0\0user\0me\0options\0\0\0"s);
}

TEST(startup_messages, startup_asks_for_the_version_it_was_given)
{
    byte_writer out;
    tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_2, {});
    EXPECT_EQ(written(out), "\0\0\0\x09\0\3\0\2\0"s);
}

TEST(startup_messages, startup_refuses_zero_bytes_before_it_writes)
{
    const std::vector<startup_parameter> bad{{"application_name", {"x\0user\0admin", 12}},
                                             {{"application\0name", 16}, "x"},
                                             {"search_path", {"\0", 1}},
                                             {"", "x"}};
    for (std::size_t i = 0; i != bad.size(); ++i) {
        byte_writer out;
        out.put_text("before");
        const std::vector<startup_parameter> parameters{{"user", "me"}, bad[i]};
        EXPECT_THROW(tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_0, parameters), usage_error)
            << i;
        EXPECT_EQ(written(out), "before");
    }
}

TEST(startup_messages, startup_errors_name_the_parameter_but_not_its_value)
{
    byte_writer out;
    const std::vector<startup_parameter> parameters{{"application_name", {"hidden\0value", 12}}};
    try {
        tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_0, parameters);
        FAIL() << "accepted";
    } catch (const usage_error& error) {
        EXPECT_NE(std::string{error.what()}.find("application_name"), std::string::npos);
        EXPECT_EQ(std::string{error.what()}.find("hidden"), std::string::npos);
    }
}

TEST(startup_messages, startup_is_bounded_as_in_the_server)
{
    // 4 bytes of version, "options" and its zero byte, the value and its zero byte, the final zero byte.
    const std::string longest(10'000 - 4 - 8 - 1 - 1, 'x');
    const std::string longer = longest + "x";
    byte_writer out;
    const std::vector<startup_parameter> fits{{"options", longest}};
    tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_0, fits);
    EXPECT_EQ(out.size(), 10'004U);
    out.clear();
    const std::vector<startup_parameter> too_long{{"options", longer}};
    EXPECT_THROW(tusk::protocol::write_startup(out, tusk::protocol::protocol_version_3_0, too_long), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(startup_messages, password_is_one_string)
{
    byte_writer out;
    tusk::protocol::write_password(out, "secret");
    EXPECT_EQ(written(out), "p\0\0\0\x0bsecret\0"s);
    out.clear();
    tusk::protocol::write_password(out, "");
    EXPECT_EQ(written(out), "p\0\0\0\5\0"s);
}

TEST(startup_messages, password_refuses_zero_bytes_and_too_much)
{
    byte_writer out;
    for (const std::string& password : {"sec\0ret"s, std::string(65'535, 'x')}) {
        try {
            tusk::protocol::write_password(out, password);
            FAIL() << "accepted";
        } catch (const usage_error& error) {
            EXPECT_EQ(std::string{error.what()}.find("sec"), std::string::npos);
        }
        EXPECT_TRUE(out.empty());
    }
}

TEST(startup_messages, sasl_initial_response_has_mechanism_length_and_data)
{
    byte_writer out;
    out.put_text("before");
    tusk::protocol::write_sasl_initial_response(out, "SCRAM-SHA-256", "n,,n=,r=x");
    EXPECT_EQ(written(out), "beforep\0\0\0\x1fSCRAM-SHA-256\0\0\0\0\x09n,,n=,r=x"s);
    EXPECT_THROW(tusk::protocol::write_sasl_initial_response(out, "SCRAM\0"s, "x"), usage_error);
    EXPECT_EQ(out.size(), 6U + 32U);
}

TEST(startup_messages, sasl_response_is_data_alone)
{
    byte_writer out;
    tusk::protocol::write_sasl_response(out, "c=biws");
    EXPECT_EQ(written(out), "p\0\0\0\x0a"
                            "c=biws"s);
}

TEST(startup_messages, wiping_a_writer_overwrites_what_it_held)
{
    byte_writer out;
    tusk::protocol::write_password(out, "secret");
    const std::byte* memory = out.bytes().data();
    const std::size_t size = out.size();
    tusk::protocol::wipe(out);
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(std::all_of(memory, memory + size, [](std::byte b) { return b == std::byte{0}; }));
    tusk::protocol::wipe(out);
    EXPECT_TRUE(out.empty());
}

} // namespace
