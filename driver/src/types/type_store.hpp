#pragma once

#include "types/type_info.hpp"

#include <tusk/driver/oid.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace tusk::types {

/// What the connections to one database tell each other of its types. What one of them finds outdated, all forget.
/// @par Thread safety  Any thread.
class type_store
{
public:
    using mark = std::shared_ptr<std::atomic<bool>>;
    using node_map = std::map<oid, std::shared_ptr<const type_info>>;

    /// What everything learnt from now on is marked with.
    [[nodiscard]] mark current() const;

    /// What was learnt under that mark; null where nothing was, or where it has been forgotten since.
    [[nodiscard]] std::shared_ptr<const type_info> find(oid type, const mark& under) const;

    /// Takes over what a catalog has learnt, unless it was forgotten before the answer came.
    void learn(const node_map& nodes, const mark& under);

    /// Whatever is marked so is outdated, at every connection.
    /// @returns The mark from here on.
    mark forget(const mark& which);

private:
    mutable std::mutex mutex_;
    mark current_ = std::make_shared<std::atomic<bool>>(false);
    node_map known_;
};

} // namespace tusk::types
