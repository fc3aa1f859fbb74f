#include "connection/statement_cache.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace tusk::detail {

bool statement_cache::key::operator==(const key& other) const noexcept
{
    return sql == other.sql && std::ranges::equal(declared, other.declared);
}

std::size_t statement_cache::key_hash::operator()(const key& of) const noexcept
{
    std::size_t hash = std::hash<std::string_view>{}(of.sql);
    for (const oid type : of.declared)
        hash = hash * 31 + type;
    return hash;
}

[[gnu::hot]] std::shared_ptr<statement> statement_cache::get(std::string_view sql, std::span<const oid> declared)
{
    // The one that was used last is often the one that is used again.
    if (!by_use_.empty() && by_use_.front()->sql == sql && std::ranges::equal(by_use_.front()->declared, declared))
        return by_use_.front();
    if (const auto found = index_.find({sql, declared}); found != index_.end()) {
        if (found->second != by_use_.begin())
            by_use_.splice(by_use_.begin(), by_use_, found->second);
        return *found->second;
    }
    return add(sql, declared);
}

std::shared_ptr<statement> statement_cache::add(std::string_view sql, std::span<const oid> declared)
{
    auto made = std::make_shared<statement>();
    made->sql = sql;
    made->declared.assign(declared.begin(), declared.end());
    if (!named_)
        return made;
    made->name = "tusk_" + std::to_string(++names_given_);
    by_use_.push_front(made);
    index_.emplace(key{made->sql, made->declared}, by_use_.begin());
    weight_ += made->weight();
    return made;
}

void statement_cache::drop(const statement& gone)
{
    const auto found = index_.find({gone.sql, gone.declared});
    if (found == index_.end() || found->second->get() != &gone)
        return;
    // Closing a name that the server does not have is not an error, so there is no need to know.
    if (gone.now == statement::state::ready)
        closing_.push_back(gone.name);
    forget(found->second);
}

void statement_cache::clear()
{
    for (auto each = by_use_.begin(); each != by_use_.end();) {
        const auto going = each++;
        // What is not prepared yet is prepared behind it: it stays, and so does our knowledge of its name.
        if ((*going)->now == statement::state::preparing)
            continue;
        if ((*going)->now == statement::state::ready)
            (*going)->now = statement::state::broken;
        forget(going);
    }
    closing_.clear();
}

void statement_cache::evict()
{
    auto candidate = by_use_.end();
    while ((index_.size() > most_ || weight_ > bytes_) && candidate != by_use_.begin()) {
        --candidate;
        // Between its two flights a request holds its statement: a Close now would pull it from under its Bind.
        if (candidate->use_count() > 1 || (*candidate)->now == statement::state::preparing)
            continue;
        const auto going = candidate++;
        if ((*going)->now == statement::state::ready)
            closing_.push_back((*going)->name);
        forget(going);
    }
}

void statement_cache::forget(order::iterator which)
{
    weight_ -= (*which)->weight();
    index_.erase(key{(*which)->sql, (*which)->declared});
    by_use_.erase(which);
}

} // namespace tusk::detail
