#pragma once

#include "connection/operation.hpp"
#include "connection/statement.hpp"
#include "connection/type_lookup.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/parameter.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// One statement by the extended protocol.
///
/// Cached: one flight, Bind and Execute. New: two, Parse and Describe, then Bind and Execute for the types that the
/// server reported; or one where no parameter type is needed to write them all. Types that are not built in are looked
/// up before the Bind, or behind the execution where there was no flight before it.
class query_operation final : public operation
{
public:
    /// @param sql         Kept behind the object itself; see `query_block`.
    /// @param parameters  Filled in before the operation is submitted.
    query_operation(target where, std::string_view sql, std::span<parameter> parameters, void* arguments) noexcept
        : operation{std::move(where)}, sql_{sql}, parameters_{parameters}, arguments_{arguments}
    {
    }
    ~query_operation() override;

    /// One block of memory for the object and what is behind it.
    static void* operator new(std::size_t size, std::size_t extra) { return ::operator new(size + extra); }
    static void operator delete(void* block) { ::operator delete(block); }
    static void operator delete(void* block, std::size_t /*extra*/) { ::operator delete(block); }

    void destroy_arguments_with(void (*destroy)(void*)) noexcept { destroy_arguments_ = destroy; }
    void refer_to(const tusk::parameters& list);

    [[nodiscard]] std::string_view name() const noexcept override { return "statement"; }
    void check(engine& at) override;
    staging stage(engine& at) override;
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_rows(std::span<const std::byte> run) override;
    bool settle(engine& at, char status) override;

private:
    [[nodiscard]] std::vector<oid> declared_types() const;
    [[nodiscard]] bool needs_no_types() const;
    void stage_prepare(engine& at);
    void stage_described(engine& at);
    void stage_bind(engine& at);
    bool stage_lookup(engine& at);
    bool settle_lookup(engine& at, char status);
    void receive_tag(engine& at, const protocol::backend_message& message);
    void receive_error(engine& at, const protocol::backend_message& message);
    [[nodiscard]] bool can_run_again(char status) const;
    result_data& rows();

    std::string_view sql_;
    std::span<const parameter> parameters_;
    void* arguments_;
    void (*destroy_arguments_)(void*) = nullptr;
    tusk::parameters list_; ///< Keeps a run-time list alive.

    std::shared_ptr<statement> statement_;
    bool preparing_ = false;              ///< This flight holds the statement's Parse.
    bool executing_ = false;              ///< This flight holds its Bind and Execute.
    bool described_now_ = false;          ///< The description was made for this operation.
    bool executed_ = false;               ///< All is done but for the look at its types.
    std::unique_ptr<type_lookup> lookup_; ///< This flight asks for types; null for any other.
    bool refused_at_bind_ = false;        ///< Before anything was executed.
    bool ran_again_ = false;
};

} // namespace tusk::detail
