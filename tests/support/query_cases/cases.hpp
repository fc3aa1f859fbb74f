#pragma once

#include "query/compiled.hpp"
#include "support/query_cases/models.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Statements with the SQL that they are expected to be. Unit tests compare the text, and the integration test runs
/// each of them, so that nobody expects what PostgreSQL does not take.
namespace tusk::test {

struct query_case {
    std::string_view name;
    orm::detail::compiled_statement made;
    std::string expected;
};

class query_cases
{
public:
    /// @param expected  `{user}`, `{post}`, `{tag}` and `{employee}` stand for all columns of the tables.
    void add(std::string_view name, const orm::detail::statement_base& statement, std::string_view expected)
    {
        cases_.push_back({name, orm::detail::compile(statement), with_columns(expected)});
    }

    [[nodiscard]] const std::vector<query_case>& all() const noexcept { return cases_; }

private:
    static std::string with_columns(std::string_view text)
    {
        static const std::vector<std::pair<std::string_view, std::string_view>> lists{
            {"{user}", "users.id, users.email, users.name, users.hashed_password, users.is_active, users.created_at, "
                       "users.updated_at"},
            {"{post}", "posts.id, posts.title, posts.content, posts.author_id, posts.created_at, posts.updated_at"},
            {"{tag}", "tags.id, tags.label"},
            {"{employee}",
             "staff.employee.id, staff.employee.manager_id, staff.employee.name, staff.employee.nick, "
             "staff.employee.\"order\", staff.employee.score, staff.employee.salary, staff.employee.skills, "
             "staff.employee.profile, staff.employee.hired, staff.employee.seen, staff.employee.away, "
             "staff.employee.feels, staff.employee.biography, staff.employee.photo, staff.employee.version"},
        };
        std::string made{text};
        for (const auto& [mark, list] : lists)
            for (auto at = made.find(mark); at != std::string::npos; at = made.find(mark))
                made.replace(at, mark.size(), list);
        return made;
    }

    std::vector<query_case> cases_;
};

} // namespace tusk::test
