#include "connection/socket_options.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include "config/environment.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

class socket_options : public testing::Test
{
protected:
    int get(int level, int option)
    {
        int value = -1;
        socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(socket.native_handle(), level, option, &value, &size), 0);
        return value;
    }

    asio::io_context io;
    asio::ip::tcp::socket socket{io, asio::ip::tcp::v4()};
};

TEST_F(socket_options, a_lost_peer_is_noticed_by_default)
{
    tusk::detail::set_tcp_options(socket, {});
    EXPECT_NE(get(SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPIDLE), 60);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPINTVL), 10);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPCNT), 6);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_USER_TIMEOUT), 120'000);
    EXPECT_NE(get(IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST_F(socket_options, every_number_arrives)
{
    tusk::connect_options options;
    options.keepalives_idle = std::chrono::seconds{11};
    options.keepalives_interval = std::chrono::seconds{12};
    options.keepalives_count = 13;
    options.tcp_user_timeout = std::chrono::milliseconds{14'000};
    tusk::detail::set_tcp_options(socket, options);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPIDLE), 11);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPINTVL), 12);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPCNT), 13);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_USER_TIMEOUT), 14'000);
}

TEST_F(socket_options, zero_is_the_systems_default_and_off_is_off)
{
    const int idle = get(IPPROTO_TCP, TCP_KEEPIDLE);
    tusk::connect_options options;
    options.keepalives_idle = std::chrono::seconds{0};
    options.tcp_user_timeout = std::chrono::milliseconds{0};
    tusk::detail::set_tcp_options(socket, options);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPIDLE), idle);
    EXPECT_EQ(get(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
    asio::ip::tcp::socket other{io, asio::ip::tcp::v4()};
    socket = std::move(other);
    options.keepalives = false;
    tusk::detail::set_tcp_options(socket, options);
    EXPECT_EQ(get(SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(check_peer, the_user_at_the_other_end_of_a_socket)
{
    asio::io_context io;
    asio::local::stream_protocol::socket near{io};
    asio::local::stream_protocol::socket far{io};
    asio::local::connect_pair(near, far);
    const std::string us = tusk::config::user_name(::geteuid()).value();
    EXPECT_NO_THROW(tusk::detail::check_peer(near.native_handle(), "", "s"));
    EXPECT_NO_THROW(tusk::detail::check_peer(near.native_handle(), us, "s"));
    EXPECT_THROW(tusk::detail::check_peer(near.native_handle(), us + "x", "s"), tusk::authentication_error);
}

} // namespace
