#include <tusk/driver/detail/spare_memory.hpp>

#include <tusk/driver/detail/address_sanitizer.hpp>
#include <tusk/driver/detail/result_data.hpp>

#include <cassert>
#include <new>
#include <utility>

namespace tusk::detail {

namespace {

/// A block that was given back and not taken again. (It has no destructor: what is destroyed at the end of a thread may
/// still ask it.)
struct spare {
    void* block = nullptr;
    bool is_over = false; ///< Nothing is kept any more.

    void* take(std::size_t size)
    {
        if (void* kept = std::exchange(block, nullptr))
            return kept;
        return ::operator new(size);
    }
    void give_back(void* gone) noexcept
    {
        if (!under_address_sanitizer && block == nullptr && !is_over)
            block = gone;
        else
            ::operator delete(gone);
    }
    void end() noexcept
    {
        is_over = true;
        ::operator delete(std::exchange(block, nullptr));
    }
};

constinit thread_local spare spare_request;
constinit thread_local spare spare_result;

/// Of a thread that has kept something.
struct end_of_thread {
    ~end_of_thread()
    {
        spare_request.end();
        spare_result.end();
    }
};

void keep_until_end_of_thread(spare& where, void* block) noexcept
{
    thread_local const end_of_thread at_end;
    static_cast<void>(at_end);
    where.give_back(block);
}

} // namespace

[[gnu::hot]] void* allocate_request(std::size_t size)
{
    return !under_address_sanitizer && size <= usual_request ? spare_request.take(usual_request) : ::operator new(size);
}

[[gnu::hot]] void deallocate_request(void* block, std::size_t size) noexcept
{
    if (size <= usual_request)
        keep_until_end_of_thread(spare_request, block);
    else
        ::operator delete(block);
}

[[gnu::hot]] void* allocate_result(std::size_t size)
{
    assert(size == sizeof(result_data));
    return spare_result.take(size);
}

[[gnu::hot]] void deallocate_result(void* block) noexcept { keep_until_end_of_thread(spare_result, block); }

} // namespace tusk::detail
