#pragma once

#include "migrate/revision.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::migrate::detail {

using revision_set = std::set<const revision*>;

/// The revisions of a folder and how they hang together.
class history
{
public:
    /// @throws usage_error  A revision is there twice, a parent is not there, or parents go in a circle.
    explicit history(std::vector<revision> revisions);
    history(history&&) = default;
    history(const history&) = delete; // others point into it
    history& operator=(const history&) = delete;
    ~history() = default;

    /// Reads `versions/*.sql` of a folder.
    /// @throws usage_error  There is no such folder; and as the constructor.
    static history load(const std::filesystem::path& directory);

    /// Parents first; among equals, by date and id.
    [[nodiscard]] const std::vector<const revision*>& in_order() const noexcept { return ordered_; }
    /// Null where there is none.
    [[nodiscard]] const revision* find(std::string_view id) const noexcept;
    [[nodiscard]] std::vector<const revision*> heads() const;
    [[nodiscard]] std::vector<const revision*> children(const revision& of) const;

    /// The one that an id, a unique beginning of one (four characters or more), or a label means.
    /// @throws usage_error  None, or several.
    [[nodiscard]] const revision& locate(std::string_view name) const;

    /// The revisions and all that they build on.
    [[nodiscard]] revision_set with_ancestors(const std::vector<const revision*>& of) const;
    /// The revision and all that builds on it.
    [[nodiscard]] revision_set with_descendants(const revision& of) const;
    /// Those of a set that no other of it builds on.
    [[nodiscard]] std::vector<const revision*> heads_of(const revision_set& set) const;

    /// What a database has whose version table names these.
    /// @throws usage_error  One of them is not there.
    [[nodiscard]] revision_set applied(const std::vector<std::string>& versions) const;

private:
    void put_in_order();

    std::vector<revision> revisions_;
    std::vector<const revision*> ordered_;
};

/// The revisions to apply, in order, to get from what is applied to a target: head, heads, an id, +N, id+N, id-N,
/// label@head, label@head-N.
/// @throws usage_error  The target is not there, is ambiguous, or does not lie ahead.
std::vector<const revision*> upgrade_path(const history& of, const revision_set& applied, std::string_view target);

/// The revisions to undo, in order: base, an id (it stays applied), -N, id-N, base+N, label@base.
/// @throws usage_error  As `upgrade_path`.
std::vector<const revision*> downgrade_path(const history& of, const revision_set& applied, std::string_view target);

/// Targets of stamp and of the new revision's parent: head, heads, base, an id.
std::vector<const revision*> locate_all(const history& of, std::string_view target);

} // namespace tusk::migrate::detail
