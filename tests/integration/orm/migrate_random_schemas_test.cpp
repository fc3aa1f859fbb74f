// Random pairs of schemas: from one to the other and back, and everything is as it was but for the steps of which the
// revision itself says that they cannot be undone.
#include "migrate_fixture.hpp"
#include "schema_state.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <random>
#include <regex>
#include <sstream>

namespace {

using tusk::test::column_sketch;
using tusk::test::index_sketch;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

class maker
{
public:
    maker(unsigned seed, bool nulls_not_distinct) : source_{seed}, nulls_not_distinct_{nulls_not_distinct} {}

    /// @param with_moods  Columns of an enum, too.
    std::vector<table_sketch> schema(bool with_moods)
    {
        std::vector<table_sketch> all;
        mood_ = nullptr;
        if (with_moods)
            pick_moods();
        for (const char* name : {"a", "b", "order"})
            if (chance(80))
                all.push_back(table(name));
        for (table_sketch& each : all)
            if (chance(50)) {
                const table_sketch& to = all[below(all.size())];
                each.columns.push_back({.name = "ref", .type = "bigint", .nullable = chance(50)});
                each.references.push_back({.column = "ref", .table = to.name, .when_deleted = pick_action()});
            }
        return all;
    }

private:
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(source_); }
    bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
    orm::on_delete pick_action()
    {
        constexpr std::array all{orm::on_delete::no_action, orm::on_delete::cascade, orm::on_delete::restrict};
        return all[below(all.size())];
    }

    /// Values of an enum: they are added to those of the schema before, or are others, or come in another order.
    void pick_moods()
    {
        if (chance(40))
            moods_.clear();
        for (const char* label : {"a", "b", "c", "d", "e", "f"})
            if (chance(25) && std::ranges::find(moods_, label) == moods_.end())
                moods_.insert(moods_.begin() + static_cast<std::ptrdiff_t>(below(moods_.size() + 1)), label);
        if (moods_.empty())
            moods_.emplace_back("c");
        mood_ = tusk::test::sketched_enum("mood", moods_);
    }

    column_sketch mood_column()
    {
        column_sketch made{.name = "mood", .type = "mood", .nullable = chance(50), .enumeration = mood_};
        if (chance(50))
            made.server_default = "'" + moods_[below(moods_.size())] + "'";
        return made;
    }

    table_sketch table(const std::string& name)
    {
        struct choice {
            const char* type;
            const char* value;
            const char* check;
        };
        constexpr std::array<choice, 7> choices{{{"text", "'it''s'", "{} <> ''"},
                                                 {"varchar(20)", "'x'", "{} LIKE 'a%'"},
                                                 {"varchar(40)", "'y'", "length({}) > 3"},
                                                 {"integer", "7", "{} > 0"},
                                                 {"bigint", "70", "{} > 0"},
                                                 {"numeric(9, 2)", "1.5", "{} >= 0"},
                                                 {"timestamptz", "now()", "{} > '2020-01-01Z'"}}};
        // Columns keep the family of their type, so that every change converts.
        constexpr std::array<std::array<std::size_t, 3>, 3> families{{{0, 1, 2}, {3, 4, 5}, {6, 6, 6}}};
        table_sketch made;
        made.name = name;
        made.columns = {{.name = "id", .type = "bigint", .primary_key = true, .identity_always = chance(30)}};
        for (std::size_t i = 0; i < 5; ++i) {
            if (!chance(70))
                continue;
            const choice& of = choices[families[i % 3][below(3)]];
            column_sketch column{.name = "C" + std::to_string(i), .type = of.type, .nullable = chance(50)};
            if (chance(40))
                column.server_default = of.value;
            if (chance(20))
                column.comment = "of " + name;
            const std::string quoted = "\"" + column.name + "\"";
            if (chance(30)) {
                std::string text = of.check;
                made.checks.push_back({"c" + std::to_string(i), text.replace(text.find("{}"), 2, quoted)});
            }
            if (chance(30))
                made.indexes.push_back({.name = "ix_" + name + std::to_string(i),
                                        .columns = {column.name},
                                        .unique = chance(30),
                                        .where = chance(40) ? quoted + " IS NOT NULL" : ""});
            if (chance(20))
                made.uniques.push_back(
                    {"uq_" + name + std::to_string(i), {"id", column.name}, chance(50) && nulls_not_distinct_});
            made.columns.push_back(std::move(column));
        }
        if (mood_ != nullptr && chance(60))
            made.columns.push_back(mood_column());
        return made;
    }

    std::mt19937 source_;
    bool nulls_not_distinct_;
    std::vector<std::string> moods_;
    const orm::enum_info* mood_ = nullptr;
};

/// What a revision says of itself that its downgrade cannot do.
struct irreversible_steps {
    std::size_t lost_data = 0; ///< The tables of this test have none, so all else of those steps is compared.
    std::map<std::string, std::vector<std::string>> values; ///< By their enum: they stay.

    void read(std::string_view file)
    {
        static constexpr std::string_view mark = "-- [irreversible] ";
        for (auto at = file.find(mark); at != std::string_view::npos; at = file.find(mark, at + 1)) {
            const std::string line{file.substr(at, file.find('\n', at) - at)};
            static const std::regex value{"the value '(.*)' stays in the type (.*):"};
            if (std::smatch found; std::regex_search(line, found, value))
                values[found[2]].push_back(found[1]);
            else
                ++lost_data;
        }
    }

    /// A state of the schema without the values that stay.
    [[nodiscard]] std::string excluded_from(const std::string& state) const
    {
        std::istringstream in{state};
        std::string made;
        for (std::string line; std::getline(in, line); made += line + '\n')
            for (const auto& [type, labels] : values)
                if (const std::string begin = "enum " + type + " {"; line.starts_with(begin))
                    line = begin + without(line.substr(begin.size(), line.size() - begin.size() - 1), labels) + "}";
        return made;
    }

    static std::string without(const std::string& list, const std::vector<std::string>& labels)
    {
        std::istringstream in{list};
        std::string made;
        for (std::string label; std::getline(in, label, ',');)
            if (std::ranges::find(labels, label) == labels.end())
                made += (made.empty() ? "" : ",") + label;
        return made;
    }
};

class migrate_random_schemas : public tusk::test::migrations
{
};

TEST_F(migrate_random_schemas, there_and_back)
{
    const std::string allow = "--allow-destructive";
    std::size_t lost_data = 0;
    std::size_t values_that_stay = 0;
    std::string at_first = sql(tusk::test::schema_state);
    maker random{1, has_nulls_not_distinct()};
    for (int step = 1; step <= 20; ++step) {
        SCOPED_TRACE(step);
        const orm::metadata after = sketched_metadata(random.schema(true));
        const std::string file = generated(done(after, {"revision", "--autogenerate", "-m", std::to_string(step)}));
        irreversible_steps steps;
        steps.read(file);
        done(after, {"upgrade", "head", allow});
        ASSERT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n") << file;
        const std::string at_last = sql(tusk::test::schema_state);
        done(after, {"downgrade", "-1"});
        const std::string back = sql(tusk::test::schema_state);
        ASSERT_EQ(steps.excluded_from(back), at_first) << file;
        lost_data += steps.lost_data;
        for (const auto& [type, labels] : steps.values)
            values_that_stay += labels.size();
        done(after, {"upgrade", "head", allow});
        ASSERT_EQ(sql(tusk::test::schema_state), at_last) << file;
        at_first = at_last;
    }
    RecordProperty("steps_that_lose_data", std::to_string(lost_data));
    RecordProperty("enum_values_that_stay", std::to_string(values_that_stay));
    EXPECT_GT(lost_data, 0U);
    EXPECT_GT(values_that_stay, 0U);
    // The way to the base is another test's: a value that stayed may be in the way of the name of an older one.
}

TEST_F(migrate_random_schemas, all_the_way_back)
{
    const std::string at_base = sql(tusk::test::schema_state);
    maker random{2, has_nulls_not_distinct()};
    for (int step = 1; step <= 6; ++step) {
        const orm::metadata after = sketched_metadata(random.schema(false));
        done(after, {"revision", "--autogenerate", "-m", std::to_string(step)});
        done(after, {"upgrade", "head", "--allow-destructive"});
    }
    EXPECT_NE(sql(tusk::test::schema_state), at_base);
    done(sketched_metadata({}), {"downgrade", "base"});
    EXPECT_EQ(sql(tusk::test::schema_state), at_base);
}

} // namespace
