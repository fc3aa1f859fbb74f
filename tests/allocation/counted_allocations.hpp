#pragma once

#include <cstddef>

namespace tusk::test {

/// How often operator new was called in this program.
[[nodiscard]] std::size_t counted_allocations() noexcept;

} // namespace tusk::test
