// Random pairs of schemas: from one to the other and back, and everything is as it was.
#include "migrate_fixture.hpp"
#include "schema_state.hpp"

#include <array>
#include <random>

namespace {

using tusk::test::column_sketch;
using tusk::test::expect_has;
using tusk::test::index_sketch;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

class maker
{
public:
    maker(unsigned seed, bool nulls_not_distinct) : source_{seed}, nulls_not_distinct_{nulls_not_distinct} {}

    std::vector<table_sketch> schema()
    {
        std::vector<table_sketch> all;
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
        return made;
    }

    std::mt19937 source_;
    bool nulls_not_distinct_;
};

class migrate_random_schemas : public tusk::test::migrations
{
};

TEST_F(migrate_random_schemas, there_and_back)
{
    const std::string allow = "--allow-destructive";
    std::size_t irreversible = 0;
    orm::metadata before = sketched_metadata({});
    std::string at_first = sql(tusk::test::schema_state);
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        maker random{seed, has_nulls_not_distinct()};
        const orm::metadata after = sketched_metadata(random.schema());
        const std::string file = generated(done(after, {"revision", "--autogenerate", "-m", std::to_string(seed)}));
        for (auto at = file.find("[irreversible]"); at != std::string::npos; at = file.find("[irreversible]", at + 1))
            ++irreversible;
        done(after, {"upgrade", "head", allow});
        ASSERT_EQ(done(after, {"check"}), "No new upgrade operations detected.\n") << file;
        const std::string at_last = sql(tusk::test::schema_state);
        done(after, {"downgrade", "-1"});
        ASSERT_EQ(sql(tusk::test::schema_state), at_first) << file;
        done(after, {"upgrade", "head", allow});
        ASSERT_EQ(sql(tusk::test::schema_state), at_last) << file;
        at_first = at_last;
    }
    RecordProperty("irreversible_steps", static_cast<int>(irreversible)); // lost data, which empty tables do not have
    done(before, {"downgrade", "base"});
}

} // namespace
