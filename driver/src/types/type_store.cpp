#include "types/type_store.hpp"

namespace tusk::types {

type_store::mark type_store::current() const
{
    const std::lock_guard guard{mutex_};
    return current_;
}

std::shared_ptr<const type_info> type_store::find(oid type, const mark& under) const
{
    const std::lock_guard guard{mutex_};
    if (under != current_)
        return nullptr;
    const auto found = known_.find(type);
    return found == known_.end() ? nullptr : found->second;
}

void type_store::learn(const node_map& nodes, const mark& under)
{
    const std::lock_guard guard{mutex_};
    if (under != current_)
        return;
    // That a type is not there, or may not be looked at, is true for who asked, at that moment.
    for (const auto& [type, info] : nodes)
        if (info)
            known_.try_emplace(type, info);
}

type_store::mark type_store::forget(const mark& which)
{
    const std::lock_guard guard{mutex_};
    which->store(true, std::memory_order_relaxed);
    if (which == current_) {
        current_ = std::make_shared<std::atomic<bool>>(false);
        known_.clear();
    }
    return current_;
}

} // namespace tusk::types
