#include <tusk/driver/transaction_options.hpp>

namespace tusk {

std::string transaction_options::begin_statement() const
{
    std::string statement = "BEGIN";
    switch (isolation_) {
    case isolation::server_default: break;
    case isolation::read_uncommitted: statement += " ISOLATION LEVEL READ UNCOMMITTED"; break;
    case isolation::read_committed: statement += " ISOLATION LEVEL READ COMMITTED"; break;
    case isolation::repeatable_read: statement += " ISOLATION LEVEL REPEATABLE READ"; break;
    case isolation::serializable: statement += " ISOLATION LEVEL SERIALIZABLE"; break;
    }
    switch (access_) {
    case access::server_default: break;
    case access::read_write: statement += " READ WRITE"; break;
    case access::read_only: statement += " READ ONLY"; break;
    }
    switch (deferrable_) {
    case deferrable::server_default: break;
    case deferrable::no: statement += " NOT DEFERRABLE"; break;
    case deferrable::yes: statement += " DEFERRABLE"; break;
    }
    return statement;
}

} // namespace tusk
