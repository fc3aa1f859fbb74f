#include "unit_of_work/slab.hpp"

#include <tusk/driver/detail/address_sanitizer.hpp>
#include <tusk/driver/detail/huge_pages.hpp>

#include <algorithm>
#include <new>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(place, size) (static_cast<void>(place), static_cast<void>(size))
#define ASAN_UNPOISON_MEMORY_REGION(place, size) (static_cast<void>(place), static_cast<void>(size))
#endif

namespace tusk::orm::detail {

namespace {

using tusk::detail::huge_page;

constexpr std::size_t first_piece = 4096;

/// Of which the first object of a piece begins one.
constexpr std::size_t cache_line = 64;

std::size_t rounded_up(std::size_t size, std::size_t to) noexcept { return (size + to - 1) / to * to; }

} // namespace

slab::slab(std::size_t size, std::size_t alignment) noexcept
    : alignment_{std::max(alignment, cache_line)},
      size_{rounded_up(std::max(size, sizeof(vacancy)), std::max(alignment, alignof(std::max_align_t)))}
{
}

slab::~slab() { free_from(0); }

void* slab::allocate()
{
    if (vacant_ == nullptr && untouched_ == end_)
        grow();
    void* place = vacant_;
    if (place != nullptr) {
        vacant_ = vacant_->next;
    } else {
        place = untouched_;
        untouched_ += size_;
    }
    ASAN_UNPOISON_MEMORY_REGION(place, size_);
    ++in_use_;
    return place;
}

void slab::deallocate(void* place) noexcept
{
    if (--in_use_ == 0) {
        free_from(1);
        begin_with(pieces_.front());
        return;
    }
    if (!tusk::detail::under_address_sanitizer)
        vacant_ = ::new (place) vacancy{vacant_};
    ASAN_POISON_MEMORY_REGION(place, size_);
}

void slab::grow()
{
    std::size_t usual = pieces_.empty() ? first_piece : pieces_.back().size * 2;
    if (usual >= huge_page / 4) // what comes to so much most often comes to more
        usual = huge_page;
    const std::size_t size = std::max(usual, size_);
    pieces_.reserve(pieces_.size() + 1);
    auto* begin = static_cast<std::byte*>(size == huge_page ? tusk::detail::allocate_huge(size)
                                                            : ::operator new(size, std::align_val_t{alignment_}));
    pieces_.push_back({begin, size});
    begin_with(pieces_.back());
}

void slab::begin_with(const piece& first) noexcept
{
    vacant_ = nullptr;
    untouched_ = first.begin;
    end_ = first.begin + first.size / size_ * size_;
    ASAN_POISON_MEMORY_REGION(first.begin, first.size);
}

void slab::free_from(std::size_t position) noexcept
{
    for (std::size_t i = position; i < pieces_.size(); ++i) {
        const auto& [begin, size] = pieces_[i];
        ASAN_UNPOISON_MEMORY_REGION(begin, size);
        if (size == huge_page)
            tusk::detail::free_huge(begin);
        else
            ::operator delete(begin, std::align_val_t{alignment_});
    }
    pieces_.resize(std::min(position, pieces_.size()));
}

} // namespace tusk::orm::detail
