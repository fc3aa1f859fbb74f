#pragma once

#include "connection/operation.hpp"
#include "connection/statement.hpp"
#include "connection/type_lookup.hpp"

#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// What runs one statement by the extended protocol, whatever it does with the rows.
///
/// Cached: one flight, Bind and Execute. New: two, Parse and Describe, then Bind and Execute for the types that the
/// server reported; or one where no parameter type is needed to write them all, or where another connection of the pool
/// has told which they were (a guess: where it is wrong, nothing was executed, and all begins without it). Types that
/// are not built in are looked up before the Bind, or behind the execution where there was no flight before it.
///
/// Where a proxy hands sessions round it has no name and is prepared each time, with a Flush in place of the first
/// Sync: between two Syncs the session stays.
class statement_operation : public operation
{
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "statement"; }
    void check(engine& at) override;
    staging stage(engine& at) override;
    bool stage_more(engine& at) override;
    [[nodiscard]] bool has_more() const noexcept override { return described_; }
    void receive(engine& at, protocol::event what, const protocol::backend_message& message) override;
    void receive_rows(const arrived_rows& run) final;
    bool settle(engine& at, char status) override;

    [[nodiscard]] std::string_view sql() const noexcept override { return sql_; }

    /// Belongs to a pipeline: what was handed in behind it must not overtake it.
    void keep_order() noexcept { ordered_ = true; }

    /// A request that prepares its statement ahead of it; null where that is not needed, or in `seen` already.
    request_ptr make_preparation(engine& at, std::set<const statement*>& seen);

protected:
    /// @param sql  Lives as long as the operation.
    statement_operation(target where, std::string_view sql) noexcept : operation{std::move(where)}, sql_{sql} {}

    // ---- What the parameters are, and how the statement is run with them.

    [[nodiscard]] virtual std::vector<oid> declared_types() const = 0;
    [[nodiscard]] virtual bool needs_no_types() const = 0;
    [[nodiscard]] virtual std::size_t parameter_count() const = 0;
    /// Can be run before its columns are known.
    [[nodiscard]] virtual bool can_run_unseen() const { return false; }
    /// Writes Bind and Execute, and expects their answer.
    virtual void write_execution(engine& at) = 0;
    virtual void keep_rows(const arrived_rows& run) = 0;
    /// CommandComplete of the statement itself.
    virtual void receive_tag(engine& at, std::string_view tag) = 0;
    /// Parse and Describe are answered, and nothing more is wanted.
    virtual void prepared_now(const std::shared_ptr<statement>& /*which*/) {}
    void prepare_only(std::string_view sql) noexcept
    {
        sql_ = sql;
        prepare_only_ = true;
    }
    /// Rows that came before their columns' types were known; null where none did.
    virtual std::shared_ptr<const column_list>* columns_of_rows() { return nullptr; }
    /// What came so far is void: it is run again.
    virtual void forget_rows() = 0;

    [[nodiscard]] const statement& prepared() const noexcept { return *statement_; }
    /// Until it is done; with an observer, until that has been told.
    [[nodiscard]] bool has_statement() const noexcept { return statement_ != nullptr; }
    /// How many fields each row must have.
    /// @throws protocol_error  The statement was described as returning none.
    [[nodiscard]] std::size_t column_count() const;

private:
    void stage_prepare(engine& at);
    bool stage_guessed(engine& at);
    void write_prepare(engine& at, std::span<const oid> types);
    void tell_parameters(engine& at) const;
    void stage_described(engine& at);
    [[gnu::cold]] void describe_again(engine& at);
    bool lacks_types_unnamed(engine& at);
    [[nodiscard, gnu::cold]] staging look_up_types(engine& at);
    bool stage_lookup(engine& at);
    bool settle_lookup(engine& at, char status);
    void stage_execution(engine& at);
    void receive_completion(engine& at, const protocol::backend_message& message);
    void note_command(engine& at, std::string_view tag) const;
    void receive_other(engine& at, protocol::event what, const protocol::backend_message& message);
    void receive_columns(engine& at, std::shared_ptr<const column_list> columns);
    void receive_error(engine& at, const protocol::backend_message& message);
    [[nodiscard, gnu::cold]] bool run_again(engine& at, char status);
    [[nodiscard]] bool can_run_again(const engine& at, char status) const;

    std::string_view sql_;
    std::shared_ptr<statement> statement_;
    bool ordered_ = false;
    bool prepare_only_ = false;
    bool preparing_ = false;       ///< This flight holds the statement's Parse.
    bool executing_ = false;       ///< This flight holds its Bind and Execute.
    bool described_ = false;       ///< The description that an unfinished flight waits for is there.
    bool described_now_ = false;   ///< The description was made for this operation.
    bool executed_ = false;        ///< All is done but for the look at its types.
    bool wants_types_ = false;     ///< Unnamed, and its types are to be looked up before it is prepared once more.
    bool refused_at_bind_ = false; ///< Before anything was executed.
    bool ran_again_ = false;
    bool guessed_ = false;                ///< The types in this flight's Parse are what another connection was told.
    bool distrusts_guess_ = false;        ///< One was wrong.
    std::unique_ptr<type_lookup> lookup_; ///< This flight asks for types; null for any other.
};

/// The server does not know the statement any more, or not as it was described. (Only at Bind: the body of a function
/// can say the same of a statement of its own.)
[[nodiscard]] bool is_statement_gone(const failure& why);

/// @throws usage_error  The text holds a zero byte.
void check_sql(std::string_view sql);

} // namespace tusk::detail
