#include "connection/parameter_guesses.hpp"

#include <algorithm>

namespace tusk::detail {

namespace {

/// Of text. A program has so many statements where it writes values into them; then a guess is worth little.
constexpr std::size_t most_bytes = 1024 * 1024;

} // namespace

parameter_guesses::by_text::const_iterator parameter_guesses::look_up(std::string_view sql,
                                                                      std::span<const oid> declared) const
{
    const auto [first, last] = known_.equal_range(std::string{sql});
    const auto found =
        std::find_if(first, last, [&](const auto& each) { return std::ranges::equal(each.second.declared, declared); });
    return found == last ? known_.end() : found;
}

std::vector<oid> parameter_guesses::find(std::string_view sql, std::span<const oid> declared) const
{
    const std::lock_guard guard{mutex_};
    const auto found = look_up(sql, declared);
    return found == known_.end() ? std::vector<oid>{} : found->second.types;
}

void parameter_guesses::learn(std::string_view sql, std::span<const oid> declared, std::span<const oid> types)
{
    const std::lock_guard guard{mutex_};
    if (const auto found = look_up(sql, declared); found != known_.end()) {
        known_.erase(found);
    } else {
        if (bytes_ + sql.size() > most_bytes) {
            known_.clear();
            bytes_ = 0;
        }
        bytes_ += sql.size();
    }
    known_.emplace(sql, guess{{declared.begin(), declared.end()}, {types.begin(), types.end()}});
}

void parameter_guesses::drop(std::string_view sql, std::span<const oid> declared)
{
    const std::lock_guard guard{mutex_};
    if (const auto found = look_up(sql, declared); found != known_.end()) {
        bytes_ -= sql.size();
        known_.erase(found);
    }
}

void parameter_guesses::forget()
{
    const std::lock_guard guard{mutex_};
    known_.clear();
    bytes_ = 0;
}

} // namespace tusk::detail
