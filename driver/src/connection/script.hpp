#pragma once

#include "connection/operation.hpp"

#include <tusk/driver/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace tusk::detail {

/// A string of statements by the simple protocol. Where its transaction has not been started yet, that goes ahead as
/// a flight of its own: a Query message cannot share a Sync.
class script_operation final : public operation
{
public:
    script_operation(target where, std::string_view sql) : operation{std::move(where)}, sql_{sql} {}

    [[nodiscard]] std::string_view sql() const noexcept override { return sql_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "script"; }
    void check(engine& at) override;
    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_rows(const arrived_rows& run) override;
    bool settle(engine& at, char status) override;

private:
    result_data& current();
    void end_result(std::string_view tag);

    std::string sql_;
    std::unique_ptr<result_data> current_;
    bool sent_ = false;
};

} // namespace tusk::detail
