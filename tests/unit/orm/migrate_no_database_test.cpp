// The command line where no database is named, or none is needed.
#include "migrate_folder.hpp"

#include <cstdlib>
#include <optional>
#include <vector>

namespace {

namespace migrate = tusk::migrate;

class migrate_no_database : public tusk::test::migrations_folder
{
protected:
    void SetUp() override
    {
        migrations_folder::SetUp();
        if (const char* url = std::getenv("TUSK_DATABASE_URL"); url != nullptr)
            before_ = url;
        unsetenv("TUSK_DATABASE_URL");
    }
    void TearDown() override
    {
        if (before_)
            setenv("TUSK_DATABASE_URL", before_->c_str(), 1);
        migrations_folder::TearDown();
    }

    struct outcome {
        int status = 0;
        std::string out;
        std::string err;
    };

    [[nodiscard]] outcome command(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), "migrate");
        arguments.insert(arguments.end(), {"--dir", folder_.string()});
        std::vector<char*> pointers;
        for (std::string& each : arguments)
            pointers.push_back(each.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome made;
        made.status = migrate::main(static_cast<int>(pointers.size()), pointers.data(), tusk::orm::metadata{{}});
        made.err = testing::internal::GetCapturedStderr();
        made.out = testing::internal::GetCapturedStdout();
        return made;
    }

private:
    std::optional<std::string> before_;
};

TEST_F(migrate_no_database, commands_that_need_one_ask_for_it)
{
    const std::vector<std::vector<std::string>> commands{{"upgrade", "head"}, {"downgrade", "-1"},
                                                         {"current"},         {"stamp", "head"},
                                                         {"check"},           {"revision", "--autogenerate"}};
    for (const std::vector<std::string>& each : commands) {
        SCOPED_TRACE(each.front());
        const outcome made = command(each);
        EXPECT_EQ(made.status, 1);
        EXPECT_EQ(made.err, "FAILED: Which database? Name it with --url, or in the environment variable "
                            "TUSK_DATABASE_URL\n");
    }
}

TEST_F(migrate_no_database, the_others_do_without)
{
    write("aaaa1", "none", "CREATE TABLE t ();", "DROP TABLE t;");
    const std::vector<std::vector<std::string>> commands{{"history"},
                                                         {"heads"},
                                                         {"branches"},
                                                         {"show", "head"},
                                                         {"upgrade", "head", "--sql"},
                                                         {"downgrade", "head:base", "--sql"},
                                                         {"revision", "-m", "x"}};
    for (const std::vector<std::string>& each : commands) {
        SCOPED_TRACE(each.front());
        const outcome made = command(each);
        EXPECT_EQ(made.status, 0) << made.err;
        EXPECT_EQ(made.err, "");
    }
}

TEST_F(migrate_no_database, what_has_no_meaning_together)
{
    EXPECT_EQ(command({"revision", "--autogenerate", "--sql"}).status, 2);
    EXPECT_EQ(command({"stamp", "head", "--sql"}).status, 2);
    EXPECT_EQ(command({"upgrade", "a:b"}).err, "FAILED: Range revision not allowed: from:to goes with --sql only\n");
    EXPECT_EQ(command({"upgrade", "head", "--lock-timeout", "soon"}).err,
              "FAILED: \"soon\" is not a duration: write 500ms, 5s or 10min\n");
    EXPECT_EQ(command({"history", "-r", "aaaa1"}).err,
              "FAILED: 'aaaa1' is not a range: write from:to, either of them empty\n");
    EXPECT_EQ(command({"upgrade", "head", "--sql"}).err,
              "FAILED: There are no revisions yet: make one with the command revision\n");
}

} // namespace
