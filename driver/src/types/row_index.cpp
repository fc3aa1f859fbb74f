#include <tusk/driver/detail/row_index.hpp>

#include <algorithm>
#include <utility>

namespace tusk::detail {

void row_index::clear() noexcept
{
    before_ = 0;
    begin_ = next_ = first_;
    end_ = first_ + first_capacity_;
}

void row_index::grow()
{
    const auto filled = static_cast<std::size_t>(end_ - begin_);
    if (before_ == 0 && filled < rows_a_chunk) {
        const std::size_t capacity = std::max<std::size_t>(64, filled * 2);
        auto larger = std::make_unique_for_overwrite<const std::byte*[]>(capacity);
        std::copy_n(begin_, filled, larger.get());
        grown_first_ = std::move(larger);
        first_ = begin_ = grown_first_.get();
        first_capacity_ = capacity;
        next_ = begin_ + filled;
        end_ = begin_ + capacity;
        return;
    }
    const std::size_t position = before_ / rows_a_chunk; // of the next chunk among the others
    if (position == others_.size())
        others_.push_back(std::make_unique_for_overwrite<const std::byte*[]>(rows_a_chunk));
    before_ += filled;
    begin_ = next_ = others_[position].get();
    end_ = begin_ + rows_a_chunk;
}

} // namespace tusk::detail
