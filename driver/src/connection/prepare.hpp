#pragma once

#include "connection/statement_operation.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tusk::detail {

/// Parse and Describe, and nothing else.
class prepare_operation final : public statement_operation
{
public:
    prepare_operation(target where, std::string sql, std::vector<oid> declared)
        : statement_operation{std::move(where), {}}, text_{std::move(sql)}, declared_{std::move(declared)}
    {
        prepare_only(text_);
    }

    /// What was prepared; null where it failed.
    std::shared_ptr<statement> made;

protected:
    [[nodiscard]] std::vector<oid> declared_types() const override { return declared_; }
    [[nodiscard]] bool needs_no_types() const override { return false; }
    [[nodiscard]] std::size_t parameter_count() const override { return 0; }
    void write_execution(engine& /*at*/) override {}
    void keep_rows(const arrived_rows& /*run*/) override {}
    void receive_tag(engine& /*at*/, std::string_view /*tag*/) override {}
    void forget_rows() override {}
    void prepared_now(const std::shared_ptr<statement>& which) override { made = which; }

private:
    std::string text_;
    std::vector<oid> declared_;
};

} // namespace tusk::detail
