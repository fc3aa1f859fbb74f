// The floor's COPY through a bare Asio loop: a non-blocking write, and a wait where the socket is full, in callbacks.

#include "copy_chunks.hpp"
#include "wire_session.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace {

class copy
{
public:
    copy(asio::io_context& context, int socket, const bench::samples& rows, std::size_t count)
        : socket_{context, asio::local::stream_protocol{}, socket}, chunks_{rows, count}
    {
        socket_.non_blocking(true);
    }
    copy(const copy&) = delete;
    copy& operator=(const copy&) = delete;
    ~copy() { socket_.release(); }

    void write()
    {
        while (true) {
            if (left_.empty() && !take_more()) {
                read();
                return;
            }
            asio::error_code error;
            left_.remove_prefix(socket_.write_some(asio::buffer(left_), error));
            if (error == asio::error::would_block) {
                socket_.async_wait(asio::local::stream_protocol::socket::wait_write,
                                   [this](const asio::error_code& failed) {
                                       check(failed);
                                       write();
                                   });
                return;
            }
            check(error);
        }
    }

private:
    static void check(const asio::error_code& error)
    {
        if (error)
            throw std::system_error{error, "the server's socket"};
    }

    bool take_more()
    {
        left_ = chunks_.next();
        if (left_.empty() && !is_done_) {
            left_ = done_;
            is_done_ = true;
        }
        return !left_.empty();
    }

    void read()
    {
        const bench::wire::answer::place room = received_.room();
        socket_.async_read_some(asio::buffer(room.data, room.size),
                                [this](const asio::error_code& error, std::size_t count) {
                                    check(error);
                                    received_.commit(count);
                                    bool ended = false;
                                    bench::wire::answered each{};
                                    while (received_.next(each))
                                        ended = each.type == 'Z';
                                    if (!ended)
                                        read();
                                });
    }

    asio::local::stream_protocol::socket socket_;
    bench::wire::copy_chunks chunks_;
    bench::wire::answer received_;
    std::string begin_ = bench::wire::query(bench::copy_in);
    std::string done_ = bench::wire::message("c", {});
    bool is_done_ = false;
    std::string_view left_ = begin_;
};

bench::measurement copy_in(const bench::options& given)
{
    bench::wire::session session{given};
    session.exchange(bench::wire::query(bench::make_copied));
    const bench::samples rows;
    asio::io_context context{1};
    const int socket = session.release();
    const auto run = [&](std::size_t count) {
        copy one{context, socket, rows, count};
        one.write();
        context.restart();
        context.run();
    };
    run(1000);
    const bench::stopwatch watch;
    run(given.operations);
    bench::checksum sum;
    sum.add(given.operations);
    return watch.stop(sum);
}

const bench::work copied{"copy_in", copy_in};

} // namespace
