#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/aggregate.hpp>
#include <tusk/driver/detail/awaitable_argument.hpp>
#include <tusk/driver/detail/native_row.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/row_frame.hpp>
#include <tusk/driver/detail/row_type.hpp>
#include <tusk/driver/oid.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
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

    /// Goes to the next set, at first to the first one.
    /// @returns False at the end.
    virtual bool advance() = 0;

    /// The set that it has come to; valid until it goes on.
    virtual std::span<const parameter> current() = 0;

    /// Writes sets from the current one on, as long as all their values travel for these types as they lie in memory,
    /// and `out` holds less than `enough` bytes.
    /// @param written  Counts them.
    /// @returns False where it has come to the end. Otherwise the current set is still to be written.
    virtual bool write_rows(byte_writer& out, const row_frame& frame, std::span<const oid> types, std::size_t enough,
                            std::size_t& written) = 0;
};

/// Calls a function with what are parameters of an element: each member of a tuple or an aggregate, and anything else
/// as the only one.
template <class Element, class Function>
decltype(auto) with_members(const Element& element, Function&& function)
{
    if constexpr (is_tuple<Element>)
        return std::apply(std::forward<Function>(function), element);
    else if constexpr (row_type<Element>)
        return std::apply(std::forward<Function>(function), tie_members(const_cast<Element&>(element)));
    else
        return std::forward<Function>(function)(element);
}

/// The types for which the elements travel as they lie in memory; empty where there are none.
template <class Element>
std::span<const oid> native_types_of(const Element& element)
{
    return with_members(element, []<class... T>(const T&... /*each*/) -> std::span<const oid> {
        if constexpr (are_native<T...>)
            return native_types<T...>;
        else
            return {};
    });
}

template <class Element>
bool write_native_element(byte_writer& out, const row_frame& frame, const Element& element)
{
    return with_members(element, [&]<class... T>(const T&... each) {
        if constexpr (are_native<T...>)
            return write_framed_row(out, frame, each...);
        else
            return false;
    });
}

template <class Element>
auto parameters_of(const Element& element)
{
    return with_members(element, [](const auto&... each) { return std::array{parameter_for(each)...}; });
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

    bool advance() override
    {
        if (!position_)
            position_.emplace(std::ranges::begin(range_));
        else
            ++*position_;
        if (*position_ == std::ranges::end(range_))
            return false;
        if constexpr (std::is_lvalue_reference_v<reference>)
            element_ = std::addressof(**position_);
        else
            element_ = &made_.emplace(**position_);
        return true;
    }

    std::span<const parameter> current() override
    {
        parameters_ = parameters_of(*element_);
        return parameters_;
    }

    bool write_rows(byte_writer& out, const row_frame& frame, std::span<const oid> types, std::size_t enough,
                    std::size_t& written) override
    {
        if (!std::ranges::equal(native_types_of(*element_), types, travels_alike))
            return true;
        while (out.size() < enough && write_native_element(out, frame, *element_)) {
            ++written;
            if (!advance())
                return false;
        }
        return true;
    }

private:
    Range range_;
    std::optional<std::ranges::iterator_t<range>> position_;
    std::optional<std::conditional_t<std::is_lvalue_reference_v<reference>, std::byte, element>> made_;
    const element* element_ = nullptr;
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
