// A project outside the tree: it compiles the whole public interface, links, and runs without a server.

#include <tusk/driver.hpp>

#include <asio.hpp>

#include <exception>
#include <iostream>

namespace {

asio::awaitable<void> show(tusk::connect_options options)
{
    std::cout << to_string(options) << '\n';
    co_return;
}

} // namespace

int main()
{
    asio::io_context context;
    asio::co_spawn(context, show(tusk::connect_options{"postgres://localhost/example"}),
                   [](std::exception_ptr problem) {
                       if (problem)
                           std::rethrow_exception(problem);
                   });
    context.run();
}
