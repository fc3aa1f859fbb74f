#pragma once

#include <string_view>
#include <type_traits>

namespace tusk::detail {

/// The compiler's own name for a type tells a closure from a class: only closures are called "lambda".
template <class T>
constexpr bool is_closure()
{
    return std::string_view{__PRETTY_FUNCTION__}.find("<lambda(") != std::string_view::npos;
}

/// g++ 12 destroys twice what is created inside a `co_await` expression, where it is an aggregate or a closure with
/// a destructor that does something (GCC bugs 99576, 101367 and relatives; mended in 13). Rather than let a program
/// corrupt its heap, such an argument is refused.
template <class A>
constexpr bool is_miscompiled()
{
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    using bare = std::remove_cvref_t<A>;
    if constexpr (std::is_lvalue_reference_v<A> || std::is_trivially_destructible_v<bare>)
        return false;
    else
        return std::is_aggregate_v<bare> || is_closure<bare>();
#else
    return false;
#endif
}

template <class A>
constexpr void refuse_miscompiled()
{
    static_assert(
        !is_miscompiled<A>(),
        "tusk: g++ 12 miscompiles a temporary of this type (an aggregate, or a lambda with captures by value) "
        "inside a co_await expression: bind it to a name first and pass the name or std::ref(name), or "
        "capture by [&]");
}

} // namespace tusk::detail
