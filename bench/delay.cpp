// tusk_bench_delay SOCKET MILLISECONDS: a server that seems to be farther away.
//
// Prints the TCP port of 127.0.0.1 on which it stands between clients and the server of that Unix socket, and holds
// what the server answers back for so long. Ends with its standard input.

#include "support/fault_proxy.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

int main(int count, char** arguments)
try {
    if (count != 3) {
        fmt::print(stderr, "usage: tusk_bench_delay SOCKET MILLISECONDS\n");
        return 2;
    }
    tusk::test::fault_proxy proxy{arguments[1]};
    proxy.delay(tusk::test::fault_proxy::way::to_client, std::chrono::milliseconds{std::stoi(arguments[2])});
    fmt::print("{}\n", proxy.port());
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {}
    return 0;
} catch (const std::exception& problem) {
    fmt::print(stderr, "tusk_bench_delay: {}\n", problem.what());
    return 1;
}
