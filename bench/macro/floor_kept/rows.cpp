// The floor where a result is to be there all at once: what arrives stays in memory, and it is known where each row
// begins. Rows are looked at when the last one has come.

#include "wire_session.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace {

constexpr std::size_t huge_page = 2048UL * 1024;
constexpr std::size_t header = 5;

struct page_deleter {
    void operator()(char* page) const noexcept { ::operator delete(page, std::align_val_t{huge_page}); }
};
using page = std::unique_ptr<char, page_deleter>;

/// Page faults are most of what keeping costs: fewer of them are the least of it.
page new_page()
{
    void* memory = ::operator new(huge_page, std::align_val_t{huge_page});
    ::madvise(memory, huge_page, MADV_HUGEPAGE);
    return page{static_cast<char*>(memory)};
}

class kept_rows
{
public:
    /// Reads to the end of an answer.
    void read_from(int socket)
    {
        pages_.push_back(new_page());
        begin_ = end_ = pages_.back().get();
        while (!has_ended_) {
            pollfd readable{socket, POLLIN, 0};
            if (::poll(&readable, 1, -1) < 0)
                throw std::runtime_error{"poll failed"};
            const ssize_t count = ::recv(socket, end_, room(), 0);
            if (count <= 0)
                throw std::runtime_error{"the server hung up"};
            end_ += count;
            find_rows();
            if (room() < huge_page / 16)
                turn_page();
        }
    }

    [[nodiscard]] const std::vector<const char*>& rows() const noexcept { return rows_; }

private:
    [[nodiscard]] std::size_t room() const noexcept
    {
        return static_cast<std::size_t>(pages_.back().get() + huge_page - end_);
    }

    void find_rows()
    {
        while (static_cast<std::size_t>(end_ - begin_) >= header) {
            const std::size_t size = 1 + bench::wire::load<std::uint32_t>(begin_ + 1);
            if (static_cast<std::size_t>(end_ - begin_) < size)
                return;
            if (*begin_ == 'D')
                rows_.push_back(begin_ + header);
            else if (*begin_ == 'E')
                throw std::runtime_error{"the server refused it"};
            has_ended_ = *begin_ == 'Z';
            begin_ += size;
        }
    }

    /// A message that has only begun goes along.
    void turn_page()
    {
        const auto unread = static_cast<std::size_t>(end_ - begin_);
        page next = new_page();
        std::memcpy(next.get(), begin_, unread);
        pages_.push_back(std::move(next));
        begin_ = pages_.back().get();
        end_ = begin_ + unread;
    }

    std::vector<page> pages_;
    std::vector<const char*> rows_;
    char* begin_ = nullptr; ///< What has not been looked at ...
    char* end_ = nullptr;   ///< ... and where it ends.
    bool has_ended_ = false;
};

bench::measurement read_rows(const bench::options& given)
{
    bench::wire::session session{given};
    session.exchange(bench::wire::query(bench::make_rows));
    session.prepare(bench::select_rows);
    bench::wire::flight flight;
    const auto run = [&](std::size_t count) {
        bench::checksum sum;
        kept_rows kept;
        session.send(flight.to(static_cast<std::int64_t>(count)));
        kept.read_from(session.socket());
        for (const char* row : kept.rows())
            sum.add(bench::wire::digest_of(row + 2));
        return sum;
    };
    run(1000);
    const bench::stopwatch watch;
    return watch.stop(run(given.operations));
}

const bench::work query{"rows_query", read_rows};

} // namespace
