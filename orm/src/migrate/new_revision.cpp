// Writes revision files.
#include "migrate/history.hpp"

#include <tusk/orm/migrate.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

namespace tusk::migrate {

namespace {

using namespace detail;

std::string now_in_utc() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::vector<const revision*> parents_of(const history& all, const revision_options& options)
{
    std::vector<const revision*> heads = all.heads();
    std::vector<const revision*> found;
    for (const std::string& each : options.parents) {
        if (each == "base")
            continue;
        for (const revision* one : locate_all(all, each)) {
            if (!options.splice && std::ranges::find(heads, one) == heads.end())
                throw usage_error{fmt::format("Revision {} is not a head revision; please specify --splice to create a "
                                              "new branch from this revision",
                                              one->id)};
            found.push_back(one);
        }
    }
    if (!options.parents.empty())
        return found;
    if (heads.size() > 1)
        throw usage_error{"Multiple heads are present; please specify the head revision on which the new revision "
                          "should be based with --head, or perform a merge with the command merge"};
    return heads;
}

std::filesystem::path write(const settings& with, const history& all, const revision_options& options, revision made)
{
    made.id = options.id.empty() ? new_revision_id() : options.id;
    require_plain_name(made.id);
    require_plain_name(options.label);
    if (all.find(made.id) != nullptr)
        throw usage_error{fmt::format("Revision {} is present already", made.id)};
    made.message = options.message;
    std::ranges::replace(made.message, '\n', ' ');
    made.date = now_in_utc();
    if (!options.label.empty())
        made.labels.push_back(options.label);
    const std::string slug = slug_of(options.message);
    const std::filesystem::path file =
        with.directory / "versions" / fmt::format("{}{}{}.sql", made.id, slug.empty() ? "" : "_", slug);
    std::ofstream out{file, std::ios::binary};
    out << format_revision(made);
    if (!out.flush())
        throw usage_error{fmt::format("{} cannot be written", file.string())};
    return file;
}

} // namespace

std::filesystem::path migrator::write_revision(const revision_options& options, const differences& what) const
{
    const history all = history::load(settings_.directory);
    revision made;
    for (const revision* each : parents_of(all, options))
        made.parents.push_back(each->id);
    made.upgrade = what.upgrade;
    made.downgrade = what.downgrade;
    return write(settings_, all, options, std::move(made));
}

std::filesystem::path migrator::merge(const revision_options& options) const
{
    const history all = history::load(settings_.directory);
    revision made;
    for (const std::string& each : options.parents)
        for (const revision* one : locate_all(all, each))
            if (std::ranges::find(made.parents, one->id) == made.parents.end())
                made.parents.push_back(one->id);
    if (made.parents.size() < 2)
        throw usage_error{"merge joins two revisions or more: name them, or heads for all"};
    if (!options.splice)
        for (const std::string& each : made.parents)
            if (!all.children(*all.find(each)).empty())
                throw usage_error{fmt::format("Revision {} is not a head revision; please specify --splice to create a "
                                              "new branch from this revision",
                                              each)};
    return write(settings_, all, options, std::move(made));
}

} // namespace tusk::migrate
