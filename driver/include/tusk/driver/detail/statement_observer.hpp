#pragma once

#include <tusk/driver/connection_observer.hpp>

#include <cstddef>
#include <string_view>

namespace tusk::detail {

/// An observer that is told of parameters too, in place of `query_ended`.
class statement_observer : public connection_observer
{
public:
    /// Values are wanted, not only how many there are.
    [[nodiscard]] virtual bool wants_values() const noexcept = 0;

    /// @param parameters  How many it has. (Of many executions at once: 0.)
    /// @param values      As text for people, cut short: "1, 'abc', NULL". Empty where they are not wanted.
    virtual void statement_ended(const query_summary& what, std::size_t parameters,
                                 std::string_view values) noexcept = 0;
};

} // namespace tusk::detail
