#pragma once

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/detail/result_data.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Many executions of several statements in one flight, under one Sync: what a unit of work sends.
namespace tusk::detail {

struct flight_statement {
    std::string sql;
    std::vector<oid> declared; ///< One a parameter; 0 where the server decides.
};

/// One execution at a time.
///
/// Asked on the connection's executor while its caller waits, and not any more once the caller was let go. It may be
/// destroyed later than that, so it owns nothing of the caller's.
class flight_source
{
public:
    virtual ~flight_source() = default;

    /// @param which  The statement, by its position.
    /// @param to     Its parameters, each with its type; valid until the next call.
    /// @returns False at the end.
    virtual bool next(std::size_t& which, std::span<const parameter>& to) = 0;
};

/// What came of it, shared with its caller.
struct flight_answer {
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    /// The rows of one statement, those of its executions behind each other.
    struct rows {
        std::shared_ptr<const column_list> columns;
        row_store store;
    };

    std::vector<std::unique_ptr<rows>> statements; ///< By position; null where there were none.
    /// How many rows each execution affected or returned.
    std::vector<std::uint32_t> affected;
    /// The execution that failed.
    std::size_t failed_at = nobody;
    /// The statement that could not be prepared.
    std::size_t unprepared = nobody;
};

/// It belongs to a transaction, which has failed when it fails: whatever was executed of it is undone with that.
/// @throws usage_error  A statement holds a zero byte.
request_ptr make_flight(const target& to, std::vector<flight_statement> statements,
                        std::unique_ptr<flight_source> source, std::shared_ptr<flight_answer> answer);

} // namespace tusk::detail
