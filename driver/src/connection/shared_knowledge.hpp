#pragma once

#include "connection/parameter_guesses.hpp"
#include "types/type_store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tusk::detail {

/// What connections of one role to one database of one server tell each other.
struct database_knowledge {
    types::type_store types;
    parameter_guesses guesses;
};

/// The same for all servers that a pool is connected to.
/// @par Thread safety  Any thread.
class shared_knowledge
{
public:
    /// @param place  Host, database and role: the same OID means something else elsewhere.
    std::shared_ptr<database_knowledge> of(const std::string& place)
    {
        const std::lock_guard guard{mutex_};
        std::shared_ptr<database_knowledge>& found = places_[place];
        if (!found)
            found = std::make_shared<database_knowledge>();
        return found;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<database_knowledge>> places_;
};

} // namespace tusk::detail
