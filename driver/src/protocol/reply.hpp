#pragma once

#include "protocol/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace tusk::protocol {

/// One part of a flight, named by the messages that answer it.
enum class step : std::uint8_t {
    close,   ///< Close of a statement or portal: 3
    command, ///< Parse, Bind, Execute of a statement without rows: 1 2 C
    parse,   ///< Parse alone: 1
    prepare, ///< Parse, Describe: 1 t, then T or n
    execute, ///< Bind, Execute: 2, rows or a COPY, then C, I or s
    run,     ///< Parse, Describe, Bind, Execute: 1 t, T or n, then as execute
    fetch,   ///< Execute of a portal that is there: rows, then C or s
    script,  ///< Query: any number of results
};

/// What one message means to whoever made the request.
enum class event : std::uint8_t {
    none,       ///< Progress; nothing to do.
    parameters, ///< ParameterDescription
    columns,    ///< RowDescription
    no_columns, ///< NoData
    rows,       ///< DataRow
    complete,   ///< CommandComplete of an `execute`, a `script` or a `command`
    empty,      ///< EmptyQueryResponse
    suspended,  ///< PortalSuspended
    copy_in,    ///< The server wants COPY data.
    copy_out,   ///< COPY data is coming.
    data,       ///< CopyData
    error,      ///< ErrorResponse; what is left of the flight was not executed.
    ready,      ///< ReadyForQuery: the flight is answered.
};

/// The answer to one flight (everything up to one Sync, or one Query), as a state machine that is fed with messages.
///
/// It knows which messages may come next, so that a server that answers out of order is found out at the first
/// message, and it counts Syncs, not commands: only ReadyForQuery ends a flight.
/// @see PostgreSQL documentation, "Message Flow".
class reply
{
public:
    /// Declares the next part of the flight, in the order in which it is written.
    void expect(step kind, unsigned count = 1);

    /// Takes one message. Asynchronous ones (notice, parameter status, notification) are not for here.
    /// @throws protocol_error  It cannot come now.
    event accept(const backend_message& message);

    /// The part that the last message belonged to; after an error, the part that failed.
    [[nodiscard]] step current() const noexcept { return current_; }

    /// A DataRow can come now: the engine takes whole runs of them without asking for each.
    [[nodiscard]] bool in_rows() const noexcept { return in_rows_; }

    /// CopyData can come now, and is taken in runs as well.
    [[nodiscard]] bool in_copy_out() const noexcept { return copying_out_; }

    /// How many answers of an `execute` come next, none of which has begun.
    [[nodiscard]] std::size_t executions_to_come() const noexcept
    {
        const bool comes = !failed_ && part_ != count_ && position_ == 0 && parts_[part_].kind == step::execute;
        return comes ? parts_[part_].left : 0;
    }

    /// So many of them have come, complete and without an error, and were not given to `accept`.
    void accept_executions(std::size_t count) noexcept;

    [[nodiscard]] bool failed() const noexcept { return failed_; }

    /// All that was written had been answered when the error came: at the Sync, where deferred constraints are checked.
    [[nodiscard]] bool failed_at_end() const noexcept { return failed_ && part_ == count_; }

    /// The portal was bound: from here on the statement may have done something.
    [[nodiscard]] bool is_bound() const noexcept
    {
        return current_ == step::execute && (position_ != 0 || part_ == count_);
    }

    /// Nothing has been answered yet, and one execution is all that was written so far: its answer can be taken as a
    /// whole, with the ReadyForQuery where that comes.
    [[nodiscard]] bool is_one_execution() const noexcept
    {
        return count_ == 1 && part_ == 0 && position_ == 0 && !failed_ && parts_[0].kind == step::execute &&
               parts_[0].left == 1;
    }

    /// That answer has come, up to its ReadyForQuery.
    void accept_execution() noexcept
    {
        current_ = step::execute;
        part_ = count_;
    }

    /// Forgets everything, for the next flight.
    void reset() noexcept { *this = reply{}; }

private:
    struct part {
        step kind{};
        unsigned left = 0;
    };

    event accept_in_part(char type);
    event accept_command(char type);
    event accept_prepare(char type);
    event accept_run(char type);
    event accept_execute(char type);
    event accept_execution(char type);
    event accept_fetch(char type);
    event accept_script(char type);
    void end_of_part() noexcept;
    [[noreturn]] void refuse(char type) const;

    std::array<part, 6> parts_{};
    step current_{};
    std::uint8_t count_ = 0;
    std::uint8_t part_ = 0;
    std::uint8_t position_ = 0; ///< How many of the fixed messages of this part have come.
    bool in_rows_ = false;
    bool copying_in_ = false;
    bool copying_out_ = false;
    bool failed_ = false;
};

} // namespace tusk::protocol
