#pragma once

#include <algorithm>
#include <cstddef>

namespace tusk::orm::detail {

/// A string literal as a template argument.
template <std::size_t N>
struct literal {
    consteval literal(const char (&from)[N]) { std::copy_n(from, N, text); } // NOLINT(google-explicit-constructor)
    char text[N]{};
};

} // namespace tusk::orm::detail
