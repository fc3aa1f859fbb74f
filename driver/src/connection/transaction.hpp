#pragma once

#include "connection/operation.hpp"

#include <tusk/driver/session_verbs.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/driver/transaction_options.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::detail {

/// Takes the lease, or opens a level inside it. Sends nothing.
class begin_operation final : public operation
{
public:
    begin_operation(target where, std::string start_sql, std::string settings_sql)
        : operation{std::move(where)}, start_sql_{std::move(start_sql)}, settings_sql_{std::move(settings_sql)}
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "begin"; }
    void check(engine& at) override;
    staging stage(engine& at) override;

    /// The level that it opened, for the handle to take; left here, it is ended when the operation goes.
    std::shared_ptr<transaction_level> opened;

    ~begin_operation() override;

private:
    std::string start_sql_;
    std::string settings_sql_;
};

/// Ends a level: commits or releases, rolls back or rolls back to. Whatever happens on the way, it goes on until the
/// server says that the level has ended, or the connection is given up.
class end_operation final : public operation
{
public:
    enum class wish : std::uint8_t { commit, rollback };
    /// What becomes of levels inside it that are still open.
    enum class inner : std::uint8_t { refused, ended_too };

    end_operation(target where, wish wanted, inner open = inner::refused)
        : operation{std::move(where)}, wanted_{wanted}, inner_{open}
    {
        closes_gate = true;
    }

    [[nodiscard]] std::string_view name() const noexcept override
    {
        return wanted_ == wish::commit ? "commit" : "rollback";
    }
    void check(engine& at) override;
    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    bool settle(engine& at, char status) override;
    bool release_waiting() override;
    [[nodiscard]] bool can_be_cancelled() const noexcept override { return false; }
    [[nodiscard]] bool is_clean_up() const noexcept override { return wanted_ == wish::rollback; }
    [[nodiscard]] failure out_of_time() const override;
    void lose(const std::string& reason, bool written) override;

private:
    [[nodiscard]] bool is_savepoint() const noexcept { return to.level->depth > 1; }
    [[nodiscard]] std::string next_command(char status);
    void refuse_as_rolled_back();
    [[nodiscard]] bool has_ended(char status) const noexcept;

    wish wanted_;
    inner inner_;
    bool committing_ = false;       ///< The flight on its way is COMMIT or RELEASE.
    bool said_rolled_back_ = false; ///< COMMIT was answered with the tag ROLLBACK.
    bool ended_by_server_ = false;  ///< FATAL instead of an answer.
    unsigned tries_ = 0;
};

request_ptr make_savepoint(target where);
request_ptr make_commit(target where);
request_ptr make_rollback(target where);

} // namespace tusk::detail
