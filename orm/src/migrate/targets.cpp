// What a target on the command line means.
#include "migrate/history.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tusk::migrate::detail {

namespace {

/// `name+2`, `-1`, `label@head-1`: a name and steps from it.
struct relative_name {
    std::string_view name;
    std::optional<int> steps;
};

relative_name take_apart(std::string_view target)
{
    relative_name made{target, std::nullopt};
    const auto sign = target.find_last_of("+-");
    if (sign == std::string_view::npos)
        return made;
    int count = 0;
    const char* const begin = target.data() + sign + 1;
    const char* const end = target.data() + target.size();
    const auto [stop, failure] = std::from_chars(begin, end, count);
    if (failure != std::errc{} || stop != end)
        throw usage_error{fmt::format("'{}' is not a revision: a number of steps follows + and -", target)};
    made.name = target.substr(0, sign);
    made.steps = target[sign] == '-' ? -count : count;
    return made;
}

std::string ids_of(const std::vector<const revision*>& all)
{
    std::vector<std::string> ids;
    for (const revision* each : all)
        ids.push_back(each->id);
    return fmt::format("{}", fmt::join(ids, ", "));
}

[[noreturn]] void fail_steps(std::string_view target, int steps)
{
    throw usage_error{fmt::format("Relative revision {} didn't produce {} migrations: there are not so many", target,
                                  std::abs(steps))};
}

const revision& only_head(const history& of)
{
    const std::vector<const revision*> heads = of.heads();
    if (heads.empty())
        throw usage_error{"There are no revisions yet: make one with the command revision"};
    if (heads.size() > 1)
        throw usage_error{fmt::format("Multiple head revisions are present ({}): name one of them, or heads for all, "
                                      "or join them with the command merge",
                                      ids_of(heads))};
    return *heads.front();
}

/// `label@head`: the head of that branch.
const revision& head_of_branch(const history& of, std::string_view label)
{
    const revision_set branch = of.with_descendants(of.locate(label));
    const std::vector<const revision*> heads = of.heads_of(branch);
    if (heads.size() > 1)
        throw usage_error{fmt::format("The branch {} has several heads ({}): name one of them", label, ids_of(heads))};
    return *heads.front();
}

const revision& locate_one(const history& of, std::string_view name)
{
    if (name == "head")
        return only_head(of);
    if (const auto at = name.find('@'); at != std::string_view::npos && name.substr(at + 1) == "head")
        return head_of_branch(of, name.substr(0, at));
    return of.locate(name);
}

/// That many steps up (towards heads, only one way there) or down.
const revision* walk(const history& of, const revision* from, int steps, std::string_view target)
{
    const revision* at = from;
    for (int left = steps; left < 0; ++left) {
        if (at == nullptr)
            fail_steps(target, steps);
        if (at->parents.size() > 1)
            throw usage_error{fmt::format("'{}' is ambiguous: {} has several parents", target, at->id)};
        at = at->parents.empty() ? nullptr : of.find(at->parents.front());
    }
    for (int left = steps; left > 0; --left) {
        std::vector<const revision*> next;
        if (at != nullptr)
            next = of.children(*at);
        else
            std::ranges::copy_if(of.in_order(), std::back_inserter(next),
                                 [](const revision* each) { return each->parents.empty(); });
        if (next.empty())
            fail_steps(target, steps);
        if (next.size() > 1)
            throw usage_error{fmt::format("'{}' is ambiguous: {} are next; name one of them", target, ids_of(next))};
        at = next.front();
    }
    return at;
}

} // namespace

std::vector<const revision*> locate_all(const history& of, std::string_view target)
{
    if (target == "base")
        return {};
    if (target == "heads")
        return of.heads();
    return {&locate_one(of, target)};
}

std::vector<const revision*> upgrade_path(const history& of, const revision_set& applied, std::string_view target)
{
    const relative_name relative = take_apart(target);
    std::vector<const revision*> wanted;
    if (relative.steps && relative.name.empty()) {
        // So many of what is next, wherever the database is.
        if (*relative.steps <= 0)
            throw usage_error{fmt::format("'{}' leads back: use the command downgrade", target)};
        const std::vector<const revision*> current = of.heads_of(applied);
        if (current.size() > 1)
            throw usage_error{fmt::format("Ambiguous upgrade from multiple current revisions ({}): name the target",
                                          ids_of(current))};
        wanted.push_back(walk(of, current.empty() ? nullptr : current.front(), *relative.steps, target));
    } else if (relative.steps) {
        const revision* from = relative.name == "base" ? nullptr : &locate_one(of, relative.name);
        const revision* to = walk(of, from, *relative.steps, target);
        if (to != nullptr)
            wanted.push_back(to);
    } else {
        if (target == "base")
            throw usage_error{"base leads back: use the command downgrade"};
        wanted = locate_all(of, target);
    }
    const revision_set needed = of.with_ancestors(wanted);
    // A target that lies behind was applied long ago; saying so beats doing nothing.
    const std::vector<const revision*> current = of.heads_of(applied);
    for (const revision* each : wanted)
        if (applied.contains(each) && std::ranges::find(current, each) == current.end())
            throw usage_error{fmt::format("Destination {} is not a valid upgrade target from current head(s) {}: it "
                                          "is applied already; use the command downgrade to go back",
                                          each->id, ids_of(current))};
    std::vector<const revision*> path;
    std::ranges::copy_if(of.in_order(), std::back_inserter(path),
                         [&](const revision* each) { return needed.contains(each) && !applied.contains(each); });
    return path;
}

std::vector<const revision*> downgrade_path(const history& of, const revision_set& applied, std::string_view target)
{
    const relative_name relative = take_apart(target);
    revision_set undone;
    const auto undo_all_above = [&](const revision* stays) {
        if (stays == nullptr) {
            undone = applied;
            return;
        }
        if (!applied.contains(stays))
            throw usage_error{fmt::format("Destination {} is not a valid downgrade target from current head(s) {}: it "
                                          "is not applied",
                                          stays->id, ids_of(of.heads_of(applied)))};
        undone = of.with_descendants(*stays);
        undone.erase(stays);
    };
    if (relative.steps && relative.name.empty()) {
        if (*relative.steps >= 0)
            throw usage_error{fmt::format("'{}' leads forward: use the command upgrade", target)};
        const std::vector<const revision*> current = of.heads_of(applied);
        if (current.empty())
            fail_steps(target, *relative.steps);
        if (current.size() > 1)
            throw usage_error{fmt::format("'{}' is ambiguous: the database is at several heads ({}); name the revision "
                                          "to go back to",
                                          target, ids_of(current))};
        const revision* at = current.front();
        for (int left = *relative.steps; left < 0; ++left) {
            if (at == nullptr)
                fail_steps(target, *relative.steps);
            undone.insert(at);
            if (at->parents.size() > 1 && left != -1)
                throw usage_error{fmt::format("'{}' is ambiguous: {} has several parents", target, at->id)};
            at = at->parents.empty() ? nullptr : of.find(at->parents.front());
        }
    } else if (relative.steps) {
        const revision* from = relative.name == "base" ? nullptr : &locate_one(of, relative.name);
        undo_all_above(walk(of, from, *relative.steps, target));
    } else if (target == "base") {
        undo_all_above(nullptr);
    } else if (target.ends_with("@base")) {
        undone = of.with_descendants(of.locate(target.substr(0, target.size() - 5)));
    } else {
        undo_all_above(&locate_one(of, target));
    }
    std::vector<const revision*> path;
    std::ranges::copy_if(of.in_order(), std::back_inserter(path),
                         [&](const revision* each) { return undone.contains(each) && applied.contains(each); });
    std::ranges::reverse(path);
    return path;
}

} // namespace tusk::migrate::detail
