#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/aggregate.hpp>
#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/driver/detail/native_form.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/row_type.hpp>
#include <tusk/driver/oid.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tusk::detail {

/// Sets of parameters, one at a time.
class parameter_source
{
public:
    virtual ~parameter_source() = default;

    /// @param to  The next set; valid until the next call.
    /// @returns False at the end.
    virtual bool next(std::span<const parameter>& to) = 0;

    /// Writes the set that `next` gave last, where all its values travel for these types as they lie in memory.
    /// @returns False where they do not; then nothing was written.
    virtual bool write(byte_writer& out, std::span<const oid> types) = 0;
};

template <class Element>
bool write_native_element(byte_writer& out, std::span<const oid> types, const Element& element)
{
    const auto write = [&]<class... T>(const T&... each) {
        if constexpr (sizeof...(T) != 0 && are_native<T...>)
            return std::ranges::equal(native_types<T...>, types) && write_native_row(out, each...);
        else
            return false;
    };
    if constexpr (is_tuple<Element>)
        return std::apply(write, element);
    else if constexpr (row_type<Element>)
        return std::apply(write, tie_members(const_cast<Element&>(element)));
    else
        return write(element);
}

/// What the elements of a range are to a statement: each member of a tuple or an aggregate is a parameter, and anything
/// else is the only one.
template <class Element>
auto parameters_of(const Element& element)
{
    if constexpr (is_tuple<Element>) {
        return std::apply([](const auto&... each) { return std::array{parameter_for(each)...}; }, element);
    } else if constexpr (row_type<Element>) {
        return std::apply([](const auto&... each) { return std::array{parameter_for(each)...}; },
                          tie_members(const_cast<Element&>(element)));
    } else {
        return std::array{parameter_for(element)};
    }
}

/// Goes through a range once. `Range` is a reference for an lvalue, which the caller keeps alive, or a value.
template <class Range>
class range_source final : public parameter_source
{
    using range = std::remove_reference_t<Range>;
    using reference = std::ranges::range_reference_t<range>;
    /// What stands for an element (of a `std::vector<bool>`, say) is kept as what it stands for.
    using element = std::conditional_t<std::is_lvalue_reference_v<reference>, std::remove_cvref_t<reference>,
                                       std::ranges::range_value_t<range>>;

public:
    explicit range_source(Range&& of) : range_{std::forward<Range>(of)} {}

    bool next(std::span<const parameter>& to) override
    {
        if (!begun_) {
            position_.emplace(std::ranges::begin(range_));
            begun_ = true;
        } else {
            ++*position_;
        }
        if (*position_ == std::ranges::end(range_))
            return false;
        if constexpr (std::is_lvalue_reference_v<reference>) {
            parameters_ = parameters_of<element>(**position_);
        } else {
            made_.emplace(**position_);
            parameters_ = parameters_of<element>(*made_);
        }
        to = parameters_;
        return true;
    }

    bool write(byte_writer& out, std::span<const oid> types) override
    {
        if constexpr (std::is_lvalue_reference_v<reference>)
            return write_native_element<element>(out, types, **position_);
        else
            return write_native_element<element>(out, types, *made_);
    }

private:
    Range range_;
    bool begun_ = false;
    std::optional<std::ranges::iterator_t<range>> position_;
    std::optional<std::conditional_t<std::is_lvalue_reference_v<reference>, std::byte, element>> made_;
    decltype(parameters_of(std::declval<const element&>())) parameters_;
};

request_ptr make_many(const target& to, std::string_view sql, std::unique_ptr<parameter_source> source);

template <std::ranges::input_range Range>
request_ptr make_many(const target& to, std::string_view sql, Range&& range)
{
    refuse_miscompiled<Range>();
    return make_many(to, sql, std::unique_ptr<parameter_source>{new range_source<Range>{std::forward<Range>(range)}});
}

} // namespace tusk::detail
