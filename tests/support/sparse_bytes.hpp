#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace tusk::test {

/// Many zero bytes that take no memory until somebody writes them.
class sparse_bytes
{
public:
    explicit sparse_bytes(std::size_t length)
        : length_{length}, at_{::mmap(nullptr, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)}
    {
        if (at_ == MAP_FAILED)
            throw std::system_error{errno, std::generic_category(), "mmap"};
    }
    sparse_bytes(const sparse_bytes&) = delete;
    sparse_bytes& operator=(const sparse_bytes&) = delete;
    ~sparse_bytes() { ::munmap(at_, length_); }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept
    {
        return {static_cast<const std::byte*>(at_), length_};
    }

    [[nodiscard]] std::string_view text() const noexcept { return {static_cast<const char*>(at_), length_}; }

private:
    std::size_t length_;
    void* at_;
};

} // namespace tusk::test
