#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace tusk::orm::detail {

/// A list of pointers that is nearly always short: the first few need no memory of their own.
template <class T, std::size_t N>
class short_list
{
public:
    void push_back(T* one)
    {
        if (size_ == N)
            more_.assign(first_.begin(), first_.end());
        if (size_ >= N)
            more_.push_back(one);
        else
            first_[size_] = one;
        ++size_;
    }

    [[nodiscard]] std::span<T* const> all() const noexcept
    {
        return size_ > N ? std::span<T* const>{more_} : std::span<T* const>{first_}.first(size_);
    }

private:
    std::array<T*, N> first_;
    std::size_t size_ = 0;
    std::vector<T*> more_; ///< All of them, once they are more than `N`.
};

} // namespace tusk::orm::detail
