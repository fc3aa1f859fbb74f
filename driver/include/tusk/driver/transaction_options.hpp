#pragma once

#include <string>

namespace tusk {

/// How much a transaction sees of others. @see PostgreSQL documentation, "Transaction Isolation".
enum class isolation {
    server_default, ///< Whatever `default_transaction_isolation` says.
    read_uncommitted,
    read_committed,
    repeatable_read,
    serializable,
};

/// Whether a transaction may write.
enum class access {
    server_default, ///< Whatever `default_transaction_read_only` says.
    read_write,
    read_only,
};

/// Whether a serializable, read-only transaction waits for a snapshot that can never be cancelled.
enum class deferrable {
    server_default, ///< Whatever `default_transaction_deferrable` says.
    no,
    yes,
};

/// The modes of a transaction, in any number and order: `{isolation::serializable, access::read_only}`.
class transaction_options
{
public:
    transaction_options() = default;
    transaction_options(tusk::isolation level) : isolation_{level} {} // NOLINT(*-explicit-*)
    transaction_options(tusk::access mode) : access_{mode} {}         // NOLINT(*-explicit-*)
    transaction_options(tusk::isolation level, tusk::access mode, tusk::deferrable wait = deferrable::server_default)
        : isolation_{level}, access_{mode}, deferrable_{wait}
    {
    }

    /// The statement that starts such a transaction: "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY".
    [[nodiscard]] std::string begin_statement() const;

private:
    tusk::isolation isolation_ = isolation::server_default;
    tusk::access access_ = access::server_default;
    tusk::deferrable deferrable_ = deferrable::server_default;
};

} // namespace tusk
