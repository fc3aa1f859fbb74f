#pragma once

#include "connection/statement.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tusk::detail {

/// The prepared statements of one connection, by text and declared types; the least recently used goes first.
class statement_cache
{
public:
    /// @param most   How many statements are kept.
    /// @param bytes  How much they may weigh together.
    /// @param named  False where a proxy hands sessions round: every statement is then a new one without a name.
    statement_cache(std::size_t most, std::size_t bytes, bool named) noexcept
        : most_{most}, bytes_{bytes}, named_{named}
    {
    }

    /// The statement with that text, fresh where it is new.
    std::shared_ptr<statement> get(std::string_view sql, std::span<const oid> declared);

    /// Forgets one that cannot be used any more. `gone` must be held by the caller.
    void drop(const statement& gone);

    /// Forgets all: the server has been told DISCARD ALL or DEALLOCATE ALL.
    void clear();

    /// Forgets the oldest ones above the bounds, except those that a request still holds.
    void trim()
    {
        if (index_.size() > most_ || weight_ > bytes_)
            evict();
    }

    /// Names of forgotten statements that the server still has; their Close rides on the next request.
    std::vector<std::string>& closing() noexcept { return closing_; }

    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

private:
    using order = std::list<std::shared_ptr<statement>>;

    struct key {
        std::string_view sql;
        std::span<const oid> declared;
        [[nodiscard]] bool operator==(const key& other) const noexcept;
    };
    struct key_hash {
        std::size_t operator()(const key& of) const noexcept;
    };

    [[gnu::cold]] std::shared_ptr<statement> add(std::string_view sql, std::span<const oid> declared);
    [[gnu::cold]] void evict();
    void forget(order::iterator which);

    std::size_t most_;
    std::size_t bytes_;
    bool named_;
    std::size_t weight_ = 0;
    unsigned long long names_given_ = 0;
    order by_use_; ///< The most recently used first.
    std::unordered_map<key, order::iterator, key_hash> index_;
    std::vector<std::string> closing_;
};

} // namespace tusk::detail
