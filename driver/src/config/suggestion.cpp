#include "config/suggestion.hpp"

#include "config/keys.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tusk::config {

namespace {

/// How many letters must be changed, added, left out or swapped with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view from, std::string_view to)
{
    const std::size_t width = to.size() + 1;
    std::vector<std::size_t> before_last(width);
    std::vector<std::size_t> last(width);
    std::vector<std::size_t> row(width);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= from.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t change = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last.back();
}

} // namespace

std::string_view nearest_key(std::string_view name)
{
    // Beyond a third of its letters, two words have nothing to do with each other.
    std::size_t nearest = std::max<std::size_t>(2, name.size() / 3) + 1;
    std::string_view found;
    for (const key& candidate : known_keys()) {
        const std::size_t distance = edit_distance(name, candidate.name);
        if (distance < nearest) {
            nearest = distance;
            found = candidate.name;
        }
    }
    return found;
}

} // namespace tusk::config
