#pragma once

#include "connection/operation.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace tusk::detail {

/// How a COPY begins, whichever way its data goes.
class copy_operation : public operation
{
public:
    [[nodiscard]] std::string_view name() const noexcept final { return "COPY"; }
    [[nodiscard]] std::string_view sql() const noexcept final { return copy_; }
    void check(engine& at) final;

protected:
    /// @param describe  A query with the columns of the COPY; empty where their types are not needed.
    copy_operation(target where, std::string copy, std::string describe)
        : operation{std::move(where)}, copy_{std::move(copy)}, describe_{std::move(describe)}
    {
    }

    /// Everything up to the Execute. The same flight asks for the columns' types first: the lock that the question
    /// takes is held until the Sync, so no ALTER comes in between.
    void stage_start(engine& at);
    [[nodiscard]] bool asks_for_types() const noexcept { return !describe_.empty(); }

private:
    std::string copy_;
    std::string describe_;
};

} // namespace tusk::detail
