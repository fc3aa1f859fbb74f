#include "protocol/md5_password.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace {

std::string answer(std::string_view password, std::string_view user, const std::array<unsigned char, 4>& salt)
{
    const auto bytes = std::as_bytes(std::span{salt});
    return std::string{tusk::protocol::md5_password(password, user, bytes).view()};
}

// The expected values are from md5sum.
TEST(md5_password, hashes_password_and_user_and_then_the_salt)
{
    EXPECT_EQ(answer("secret", "alice", {0x01, 0x02, 0xfe, 0x00}), "md5219241086d97207b1680e30a8d1e9331");
    EXPECT_EQ(answer("secret", "alice", {0xff, 0xff, 0xff, 0xff}), "md58c7f4687d008ec7f6ec5ea7e1b2a733a");
}

TEST(md5_password, depends_on_each_part)
{
    const std::string one = answer("secret", "alice", {1, 2, 3, 4});
    EXPECT_NE(answer("Secret", "alice", {1, 2, 3, 4}), one);
    EXPECT_NE(answer("secret", "bob", {1, 2, 3, 4}), one);
    EXPECT_NE(answer("secret", "alice", {1, 2, 3, 5}), one);
}

TEST(md5_password, takes_bytes_as_they_are)
{
    EXPECT_EQ(answer("p\u00E4ss", "m\u00FCller", {0, 0, 0, 0}), "md52fef54bf2b86536d2b60c3519aefc1bf");
}

} // namespace
