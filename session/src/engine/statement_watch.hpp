#pragma once

#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection_observer.hpp>
#include <tusk/driver/detail/statement_observer.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/session/engine_options.hpp>
#include <tusk/session/statement_event.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tusk::detail {

/// Shows what an engine's connections do, and tells whoever wants to know; beside the observer that the user has set.
class statement_watch final : public statement_observer
{
public:
    statement_watch(engine_options options, const connect_options& where);

    void transaction_begun(std::string_view statement) const noexcept;

    [[nodiscard]] bool wants_values() const noexcept override { return echo_ && !hide_; }
    void query_started(std::string_view sql) noexcept override;
    void statement_ended(const query_summary& what, std::size_t parameters, std::string_view values) noexcept override;
    void notice(const error_fields& fields) noexcept override;
    void closed(std::string_view reason) noexcept override;

private:
    void show(std::string_view line) const;
    void show_end(const query_summary& what, std::string_view text, std::size_t parameters,
                  std::string_view values) const;
    void tell(const query_summary& what, std::string_view text) const;

    bool echo_;
    bool hide_;
    std::function<void(std::string_view)> sink_;
    std::function<void(const statement_event&)> told_;
    std::string database_;
    std::string host_;
    std::uint16_t port_;
    std::shared_ptr<connection_observer> next_; ///< The user's own.
};

} // namespace tusk::detail
