#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tusk {

/// How long one dimension of an array is, and which index its first element has.
struct array_dimension {
    std::int32_t size = 0;
    std::int32_t lower = 1;

    friend bool operator==(const array_dimension&, const array_dimension&) = default;
};

/// A PostgreSQL array as it is: up to six dimensions, each with its lower bound. Where neither matters, a
/// `std::vector<T>` does, and nested ones for more dimensions.
///
/// `std::optional<T>` as its element where elements may be NULL.
/// @par Thread safety  As the standard containers.
template <class T>
class array
{
public:
    using value_type = T;

    static constexpr std::size_t most_dimensions = 6;

    /// Without elements, and so without dimensions.
    array() = default;

    /// One dimension, with indexes from 1.
    explicit array(std::vector<T> elements) : elements_{std::move(elements)}
    {
        if (!elements_.empty())
            dimensions_.push_back({static_cast<std::int32_t>(elements_.size()), 1});
    }

    /// @param dimensions  The outermost first; none where there are no elements.
    /// @param elements    All of them, the last index running fastest. Checked when the array is sent: as many as the
    ///                    dimensions say.
    array(std::vector<array_dimension> dimensions, std::vector<T> elements)
        : dimensions_{std::move(dimensions)}, elements_{std::move(elements)}
    {
    }

    [[nodiscard]] const std::vector<array_dimension>& dimensions() const noexcept { return dimensions_; }
    [[nodiscard]] const std::vector<T>& elements() const& noexcept { return elements_; }
    [[nodiscard]] std::vector<T> elements() && noexcept { return std::move(elements_); }
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
    [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
    [[nodiscard]] auto begin() const noexcept { return elements_.begin(); }
    [[nodiscard]] auto end() const noexcept { return elements_.end(); }

    friend bool operator==(const array&, const array&) = default;

private:
    std::vector<array_dimension> dimensions_;
    std::vector<T> elements_;
};

} // namespace tusk
