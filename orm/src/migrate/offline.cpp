// Runs written down instead of done: scripts for psql.
#include "migrate/names.hpp"
#include "migrate/run.hpp"
#include "migrate/statements.hpp"

#include <fmt/format.h>

#include <string>

namespace tusk::migrate {

namespace {

using namespace detail;

/// `from:to`, or a target alone.
struct range_of_revisions {
    std::string_view from;
    std::string_view to;
};

range_of_revisions take_apart(std::string_view range)
{
    const auto colon = range.find(':');
    if (colon == std::string_view::npos)
        return {"", range};
    return {range.substr(0, colon), range.substr(colon + 1)};
}

class script_writer
{
public:
    script_writer(const history& all, const settings& with, const steps& also, direction way, revision_set applied)
        : all_{all}, versions_{with.version_table}, also_{also}, way_{way}, applied_{std::move(applied)}
    {
    }

    std::string write(const std::vector<const revision*>& path)
    {
        begin();
        if (way_ == direction::upgrade && applied_.empty())
            for (const std::string& each : versions_.creation())
                add(each);
        commit();
        for (const revision* each : path)
            write_one(*each);
        return std::move(text_);
    }

private:
    void add(std::string_view statement) { text_.append(statement).append(";\n\n"); }
    void begin()
    {
        if (!std::exchange(is_open_, true))
            add("BEGIN");
    }
    void commit()
    {
        if (std::exchange(is_open_, false))
            add("COMMIT");
    }

    void write_one(const revision& one)
    {
        if (also_.upgrade_of(one.id) != nullptr || also_.downgrade_of(one.id) != nullptr)
            throw usage_error{
                fmt::format("Revision {} has a step in C++, which a script cannot hold: run it online", one.id)};
        text_ += fmt::format("-- Running {} {}\n\n", word_of(way_), described(one, way_));
        const std::vector<detail::statement> statements =
            split_statements(way_ == direction::upgrade ? one.upgrade : one.downgrade);
        for (const statement_group& group : group_statements(statements, one.mode)) {
            commit();
            if (group.in_transaction)
                begin();
            for (std::size_t i = group.begin; i < group.end; ++i) {
                for (const mark& each : statements[i].marks)
                    text_ += fmt::format("-- [{}] {}\n", each.word, each.text);
                add(statements[i].sql);
            }
        }
        begin();
        const std::vector<std::string> from = head_ids(all_, applied_);
        if (way_ == direction::upgrade)
            applied_.insert(&one);
        else
            applied_.erase(&one);
        for (const std::string& each : versions_.move(from, head_ids(all_, applied_)))
            add(each);
        add(versions_.log_done(one, way_));
        commit();
    }

    const history& all_;
    version_table versions_;
    const steps& also_;
    direction way_;
    revision_set applied_;
    std::string text_;
    bool is_open_ = false;
};

} // namespace

std::string migrator::upgrade_script(std::string_view range) const
{
    const history all = history::load(settings_.directory);
    require_revisions_of(steps_, all);
    const range_of_revisions part = take_apart(range);
    const revision_set applied = part.from.empty() ? revision_set{} : all.with_ancestors(locate_all(all, part.from));
    const std::vector<const revision*> path = detail::upgrade_path(all, applied, part.to);
    return script_writer{all, settings_, steps_, direction::upgrade, applied}.write(path);
}

std::string migrator::downgrade_script(std::string_view range) const
{
    const history all = history::load(settings_.directory);
    require_revisions_of(steps_, all);
    const range_of_revisions part = take_apart(range);
    if (part.from.empty())
        throw usage_error{"downgrade with --sql requires <fromrev>:<torev>: without a database nobody knows what is "
                          "applied"};
    const revision_set applied = all.with_ancestors(locate_all(all, part.from));
    const std::vector<const revision*> path = detail::downgrade_path(all, applied, part.to);
    return script_writer{all, settings_, steps_, direction::downgrade, applied}.write(path);
}

} // namespace tusk::migrate
