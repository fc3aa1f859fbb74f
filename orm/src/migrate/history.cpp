#include "migrate/history.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace tusk::migrate::detail {

namespace {

std::string contents_of(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    std::ostringstream contents;
    if (in.peek() != std::ifstream::traits_type::eof())
        contents << in.rdbuf();
    if (!in.is_open() || in.bad() || contents.fail())
        throw usage_error{fmt::format("{} cannot be read", file.string())};
    return std::move(contents).str();
}

bool has_parent(const revision& child, const revision& parent)
{
    return std::ranges::find(child.parents, parent.id) != child.parents.end();
}

} // namespace

history::history(std::vector<revision> revisions) : revisions_{std::move(revisions)}
{
    // The order of files in a folder is nobody's business.
    std::ranges::sort(revisions_, {}, [](const revision& each) { return std::pair{each.date, each.id}; });
    for (std::size_t i = 0; i < revisions_.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (revisions_[i].id == revisions_[j].id)
                throw usage_error{fmt::format("Revision {} is present more than once: {} and {}", revisions_[i].id,
                                              revisions_[j].file.string(), revisions_[i].file.string())};
    for (const revision& each : revisions_)
        for (const std::string& parent : each.parents)
            if (find(parent) == nullptr)
                throw usage_error{fmt::format("Revision {} referenced from {} is not present: bring its file back, or "
                                              "correct the line \"-- parents:\"",
                                              parent, each.file.string())};
    put_in_order();
}

void history::put_in_order()
{
    std::vector<const revision*> waiting;
    for (const revision& each : revisions_)
        waiting.push_back(&each);
    while (!waiting.empty()) {
        const auto is_ready = [&](const revision* one) {
            return std::ranges::none_of(waiting, [&](const revision* other) { return has_parent(*one, *other); });
        };
        const auto next = std::ranges::find_if(waiting, is_ready);
        if (next == waiting.end()) {
            std::vector<std::string> ids;
            for (const revision* each : waiting)
                ids.push_back(each->id);
            throw usage_error{fmt::format("A cycle is detected in revisions ({}): their lines \"-- parents:\" lead "
                                          "back to themselves",
                                          fmt::join(ids, ", "))};
        }
        ordered_.push_back(*next);
        waiting.erase(next);
    }
}

history history::load(const std::filesystem::path& directory)
{
    const std::filesystem::path versions = directory / "versions";
    if (!std::filesystem::is_directory(versions))
        throw usage_error{fmt::format("There is no folder {}: make it with the command init, or name another one with "
                                      "--dir",
                                      versions.string())};
    std::vector<revision> found;
    for (const auto& entry : std::filesystem::directory_iterator{versions})
        if (entry.is_regular_file() && entry.path().extension() == ".sql")
            found.push_back(parse_revision(contents_of(entry.path()), entry.path()));
    return history{std::move(found)};
}

const revision* history::find(std::string_view id) const noexcept
{
    const auto found = std::ranges::find_if(revisions_, [&](const revision& each) { return each.id == id; });
    return found == revisions_.end() ? nullptr : &*found;
}

std::vector<const revision*> history::children(const revision& of) const
{
    std::vector<const revision*> found;
    for (const revision* each : ordered_)
        if (has_parent(*each, of))
            found.push_back(each);
    return found;
}

std::vector<const revision*> history::heads() const
{
    std::vector<const revision*> found;
    for (const revision* each : ordered_)
        if (children(*each).empty())
            found.push_back(each);
    return found;
}

const revision& history::locate(std::string_view name) const
{
    if (const revision* exact = find(name); exact != nullptr)
        return *exact;
    std::vector<const revision*> found;
    for (const revision* each : ordered_)
        if (std::ranges::find(each->labels, name) != each->labels.end())
            found.push_back(each);
    if (found.empty() && name.size() >= 4)
        for (const revision* each : ordered_)
            if (each->id.starts_with(name))
                found.push_back(each);
    if (found.empty())
        throw usage_error{fmt::format("Can't locate revision identified by '{}': it is none of the files here; an id "
                                      "may be shortened to four characters",
                                      name)};
    if (found.size() > 1) {
        std::vector<std::string> ids;
        for (const revision* each : found)
            ids.push_back(each->id);
        throw usage_error{fmt::format("'{}' is ambiguous: {}; write more of it", name, fmt::join(ids, ", "))};
    }
    return *found.front();
}

revision_set history::with_ancestors(const std::vector<const revision*>& of) const
{
    revision_set found{of.begin(), of.end()};
    std::vector<const revision*> open = of;
    while (!open.empty()) {
        const revision* one = open.back();
        open.pop_back();
        for (const std::string& parent : one->parents)
            if (const revision* next = find(parent); found.insert(next).second)
                open.push_back(next);
    }
    return found;
}

revision_set history::with_descendants(const revision& of) const
{
    revision_set found{&of};
    for (const revision* each : ordered_) // parents come first
        for (const std::string& parent : each->parents)
            if (found.contains(find(parent)))
                found.insert(each);
    return found;
}

std::vector<const revision*> history::heads_of(const revision_set& set) const
{
    std::vector<const revision*> found;
    for (const revision* each : ordered_) {
        if (!set.contains(each))
            continue;
        const bool is_built_on =
            std::ranges::any_of(set, [&](const revision* other) { return has_parent(*other, *each); });
        if (!is_built_on)
            found.push_back(each);
    }
    return found;
}

revision_set history::applied(const std::vector<std::string>& versions) const
{
    std::vector<const revision*> found;
    for (const std::string& each : versions) {
        const revision* one = find(each);
        if (one == nullptr)
            throw usage_error{fmt::format("Can't locate revision identified by '{}': the database is at it, but its "
                                          "file is not here; get the file (another branch of the source has it), or "
                                          "tell the database what it is with \"stamp --purge <revision>\"",
                                          each)};
        found.push_back(one);
    }
    return with_ancestors(found);
}

} // namespace tusk::migrate::detail
