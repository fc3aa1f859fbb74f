#pragma once

#include <tusk/driver/detail/request.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/driver/session_verbs.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/driver/transaction_options.hpp>

#include <string>

/// What the layers above need of a transaction, and its users do not.
namespace tusk::detail {

struct transaction_access {
    /// Where requests of that transaction go.
    static const target& target_of(const transaction& of) { return of.target(); }
};

/// @param settings  A statement that returns no rows and travels right behind BEGIN (or SAVEPOINT); empty for none.
request_ptr make_begin(target where, const transaction_options& options, std::string settings);
request_ptr make_savepoint(target where, std::string settings);

/// Ends a level together with what is still open inside it.
request_ptr make_commit_of_all(target where);
request_ptr make_rollback_of_all(target where);

// The target is that of a transaction; to be asked while nothing of it is on its way.

/// The first refusal in it or, where it had none, in what is around it.
failure first_error(const target& of);
/// The server runs nothing of it any more.
bool has_failed(const target& of) noexcept;
/// Its connection is gone.
bool is_lost(const target& of) noexcept;
/// Something of it has been sent.
bool was_started(const target& of) noexcept;

} // namespace tusk::detail
