#include <tusk/driver/byte_writer.hpp>

#include <algorithm>

namespace tusk {

void byte_writer::grow(std::size_t count)
{
    const std::size_t wanted = std::max({size_ + count, capacity_ * 2, std::size_t{512}});
    auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
    if (size_ != 0)
        std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = wanted;
}

[[gnu::hot]] void byte_writer::shrink(std::size_t limit)
{
    if (capacity_ <= limit || size_ != 0)
        return;
    data_.reset();
    capacity_ = 0;
}

} // namespace tusk
