#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace tusk {

/// A bound that belongs to its range.
template <class T>
class inclusive
{
public:
    // Bounds have constructors, for g++ 12 miscompiles temporary aggregates in a `co_await` expression.
    explicit inclusive(T value) : value_{std::move(value)} {}

    [[nodiscard]] const T& value() const& noexcept { return value_; }
    [[nodiscard]] T value() && noexcept { return std::move(value_); }

private:
    T value_;
};

/// A bound that does not.
template <class T>
class exclusive
{
public:
    explicit exclusive(T value) : value_{std::move(value)} {}

    [[nodiscard]] const T& value() const& noexcept { return value_; }
    [[nodiscard]] T value() && noexcept { return std::move(value_); }

private:
    T value_;
};

/// No bound on that side.
struct unbounded {
};

/// A PostgreSQL range: empty, or from a bound to a bound, each inclusive, exclusive or infinite.
///
/// The server writes ranges of integers and dates as `[lower, upper)`, whatever form was sent, so what comes back may
/// look different and mean the same; `==` compares the forms.
///
///     tusk::range<int> teens{tusk::inclusive{13}, tusk::exclusive{20}};
///     tusk::range<tusk::date> since{tusk::inclusive{day}, tusk::unbounded{}};
template <class T>
class range
{
public:
    using value_type = T;

    /// One side of a range.
    class bound
    {
    public:
        bound(inclusive<T> of) : value_{std::move(of).value()}, inclusive_{true} {}
        bound(exclusive<T> of) : value_{std::move(of).value()} {}
        bound(unbounded) noexcept {}

        [[nodiscard]] bool is_unbounded() const noexcept { return !value_.has_value(); }
        [[nodiscard]] bool is_inclusive() const noexcept { return inclusive_; }
        [[nodiscard]] const std::optional<T>& value() const noexcept { return value_; }

        friend bool operator==(const bound&, const bound&) = default;

    private:
        std::optional<T> value_;
        bool inclusive_ = false;
    };

    /// The empty range: it holds nothing.
    range() : range{unbounded{}, unbounded{}} { empty_ = true; }

    range(bound lower, bound upper) : lower_{std::move(lower)}, upper_{std::move(upper)} {}

    [[nodiscard]] bool is_empty() const noexcept { return empty_; }
    [[nodiscard]] const bound& lower() const noexcept { return lower_; }
    [[nodiscard]] const bound& upper() const noexcept { return upper_; }

    /// Whether a value lies in it, by the C++ type's order.
    [[nodiscard]] bool contains(const T& value) const
    {
        if (empty_)
            return false;
        if (lower_.value() && (value < *lower_.value() || (!lower_.is_inclusive() && !(*lower_.value() < value))))
            return false;
        return !upper_.value() || (!(*upper_.value() < value) && (upper_.is_inclusive() || value < *upper_.value()));
    }

    friend bool operator==(const range&, const range&) = default;

private:
    bound lower_;
    bound upper_;
    bool empty_ = false;
};

/// An ordered list of ranges that do not touch: PostgreSQL 14's multirange.
template <class T>
class multirange
{
public:
    using value_type = range<T>;

    multirange() = default;
    /// The server orders and joins them.
    explicit multirange(std::vector<range<T>> ranges) : ranges_{std::move(ranges)} {}

    [[nodiscard]] const std::vector<range<T>>& ranges() const& noexcept { return ranges_; }
    [[nodiscard]] std::vector<range<T>> ranges() && noexcept { return std::move(ranges_); }
    [[nodiscard]] std::size_t size() const noexcept { return ranges_.size(); }
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    [[nodiscard]] auto begin() const noexcept { return ranges_.begin(); }
    [[nodiscard]] auto end() const noexcept { return ranges_.end(); }

    friend bool operator==(const multirange&, const multirange&) = default;

private:
    std::vector<range<T>> ranges_;
};

} // namespace tusk
