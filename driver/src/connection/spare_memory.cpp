#include <tusk/driver/detail/spare_memory.hpp>

#include <tusk/driver/detail/address_sanitizer.hpp>
#include <tusk/driver/detail/result_data.hpp>

#include <cassert>
#include <new>
#include <utility>

namespace tusk::detail {

namespace {

/// Blocks that were given back and not taken again. (It has no destructor: what is destroyed at the end of a thread may
/// still ask it.)
class spare
{
public:
    void* take(std::size_t size)
    {
        if (first_ == nullptr)
            return ::operator new(size);
        --count_;
        return std::exchange(first_, first_->next);
    }
    void give_back(void* gone) noexcept
    {
        if (under_address_sanitizer || count_ == most_)
            ::operator delete(gone);
        else
            keep(gone);
    }
    /// Nothing is kept any more.
    void end() noexcept
    {
        most_ = 0;
        while (first_ != nullptr)
            ::operator delete(std::exchange(first_, first_->next));
        count_ = 0;
    }

private:
    struct block {
        block* next;
    };

    void keep(void* gone) noexcept
    {
        first_ = ::new (gone) block{first_};
        ++count_;
    }

    block* first_ = nullptr;
    std::size_t count_ = 0;
    std::size_t most_ = most_spare_blocks;
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
