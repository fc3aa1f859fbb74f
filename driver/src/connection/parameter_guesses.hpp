#pragma once

#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tusk::detail {

/// What the server said of the parameters of statements, told by one connection of a pool to the others: sent along as
/// a guess, it saves the next one a flight. (Of result columns nothing is ever told: search_path, role and ALTER make
/// the same text return other types, and nobody would notice.)
/// @par Thread safety  Any thread.
class parameter_guesses
{
public:
    /// @returns The types; none where nothing is known.
    [[nodiscard]] std::vector<oid> find(std::string_view sql, std::span<const oid> declared) const;
    void learn(std::string_view sql, std::span<const oid> declared, std::span<const oid> types);
    /// It was wrong.
    void drop(std::string_view sql, std::span<const oid> declared);
    /// Types or tables may have changed.
    void forget();

private:
    struct guess {
        std::vector<oid> declared;
        std::vector<oid> types;
    };
    using by_text = std::unordered_multimap<std::string, guess>;

    [[nodiscard]] by_text::const_iterator look_up(std::string_view sql, std::span<const oid> declared) const;

    mutable std::mutex mutex_;
    by_text known_;
    std::size_t bytes_ = 0;
};

} // namespace tusk::detail
