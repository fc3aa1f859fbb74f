// The main program of tests that talk to a server: after a failure it shows what the server had to say.

#include "support/server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>

int main(int argument_count, char** arguments)
{
    testing::InitGoogleTest(&argument_count, arguments);
    const int status = RUN_ALL_TESTS();
    if (status != 0 && tusk::test::server_started())
        fmt::print(stderr, "{}", tusk::test::server().log_report());
    return status;
}
