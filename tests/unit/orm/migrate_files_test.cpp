// Files and folders of migrations that are wrong: the refusal names the file and says what to do.
#include "migrate_folder.hpp"

#include "migrate/history.hpp"

namespace {

using tusk::test::expect_refused;
namespace migrate = tusk::migrate;

class migrate_files : public tusk::test::migrations_folder
{
protected:
    [[nodiscard]] std::string load() const
    {
        static_cast<void>(migrate::detail::history::load(folder_));
        return {};
    }

    [[nodiscard]] std::filesystem::path add(const migrate::revision_options& options) const
    {
        return tool().write_revision(options, migrate::differences{});
    }
};

TEST_F(migrate_files, a_folder_that_is_not_empty_is_not_made_anew)
{
    expect_refused([&] { return (tool().init(), 0); }, "Directory " + folder_.string(), "is not empty",
                   "name another one with --dir");
    std::filesystem::remove_all(folder_);
    expect_refused([&] { return load(); }, (folder_ / "versions").string(), "make it with the command init",
                   "name another one with --dir");
    tool().init();
    EXPECT_EQ(load(), "");
}

TEST_F(migrate_files, a_file_that_cannot_be_read)
{
    // It opens, but has nothing to read at its beginning.
    std::filesystem::create_symlink("/proc/self/mem", folder_ / "versions" / "aaaa1.sql");
    expect_refused([&] { return load(); }, (folder_ / "versions" / "aaaa1.sql").string() + " cannot be read");
}

TEST_F(migrate_files, a_file_that_cannot_be_written)
{
    std::filesystem::create_directory(folder_ / "versions" / "aaaa1_x.sql");
    migrate::revision_options options;
    options.id = "aaaa1";
    options.message = "x";
    expect_refused([&] { return add(options); },
                   (folder_ / "versions" / "aaaa1_x.sql").string() + " cannot be written");
}

TEST_F(migrate_files, a_header_that_is_wrong)
{
    const std::string file = (folder_ / "versions" / "aaaa1.sql").string();
    write("aaaa1", "none", "", "", "-- transaction: maybe\n");
    expect_refused([&] { return load(); }, file + ": transaction is yes or no, not \"maybe\"");
    write("aaaa1", "none", "", "", "-- lock_timeout: soon\n");
    expect_refused([&] { return load(); }, file + ": \"soon\" is not a duration: write 500ms, 5s or 10min");
    write("aaaa1", "none", "", "", "-- statement_timeout: -5s\n");
    expect_refused([&] { return load(); }, file + ": \"-5s\" is not a duration");
    write("aaaa1", "none", "", "", "-- labels: a@b\n");
    expect_refused([&] { return load(); }, file + ": \"a@b\" cannot name a revision", "must not contain @ - + :");
    std::ofstream{file} << "-- [upgrade]\n-- [downgrade]\n";
    expect_refused([&] { return load(); }, file + ": there is no line \"-- revision: ...\"");
    for (const char* sections : {"", "-- [upgrade]\n", "-- [downgrade]\n", "-- [downgrade]\n-- [upgrade]\n"}) {
        std::ofstream{file} << "-- revision: aaaa1\n" << sections;
        expect_refused([&] { return load(); },
                       file + ": there must be a line \"-- [upgrade]\" and after it a line \"-- [downgrade]\"");
    }
}

TEST_F(migrate_files, sql_that_does_not_end)
{
    const std::string file = (folder_ / "versions" / "aaaa1.sql").string();
    write("aaaa1", "none", "INSERT INTO t VALUES ('it);");
    expect_refused([&] { return load(); }, file, "a quote is not closed: 'it);");
    write("aaaa1", "none", "", "/* DROP TABLE t;");
    expect_refused([&] { return load(); }, file, "a comment is not closed: /* DROP TABLE t;");
    write("aaaa1", "none", "DO $x$ BEGIN END $y$;");
    expect_refused([&] { return load(); }, file, "a quote is not closed: $x$ BEGIN END $y$;");
}

TEST_F(migrate_files, names_that_a_command_line_takes_for_something_else)
{
    for (const char* name : {"a-b", "a+b", "a@b", "a:b", "a b", "a,b", "a/b", "head", "heads", "base", "none"}) {
        SCOPED_TRACE(name);
        migrate::revision_options options;
        options.id = name;
        expect_refused([&] { return add(options); }, "cannot name a revision: it must not contain @ - + : , /");
        options.id = "aaaa1";
        options.label = name;
        expect_refused([&] { return add(options); }, "cannot name a revision");
    }
    migrate::revision_options options;
    options.id = std::string(65, 'a');
    expect_refused([&] { return add(options); }, "cannot name a revision", "nor have more than 64 characters");
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "versions"));
    options.id = std::string(64, 'a');
    options.label = "side";
    EXPECT_TRUE(std::filesystem::exists(add(options)));
    EXPECT_EQ(load(), "");
    expect_refused([&] { return add(options); }, "Revision " + options.id + " is present already");
}

TEST_F(migrate_files, parents_of_a_new_revision)
{
    write("aaaa1", "none");
    write("bbbb2", "aaaa1");
    write("cccc3", "aaaa1");
    migrate::revision_options options;
    options.id = "dddd4";
    expect_refused([&] { return add(options); },
                   "Multiple heads are present; please specify the head revision on which the new revision should be "
                   "based with --head, or perform a merge with the command merge");
    options.parents = {"aaaa1"};
    expect_refused([&] { return add(options); }, "Revision aaaa1 is not a head revision; please specify --splice");
    options.parents = {"nothing"};
    expect_refused([&] { return add(options); }, "Can't locate revision identified by 'nothing'");
    const auto merge = [&] { return tool().merge(options); };
    options.parents = {"bbbb2"};
    expect_refused(merge, "merge joins two revisions or more: name them, or heads for all");
    options.parents = {"aaaa1", "bbbb2"};
    expect_refused(merge, "Revision aaaa1 is not a head revision; please specify --splice");
    options.parents = {"heads"};
    EXPECT_TRUE(std::filesystem::exists(merge()));
}

} // namespace
