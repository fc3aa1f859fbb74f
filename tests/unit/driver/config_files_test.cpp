// Password files and service files: what is found, and what is said where they cannot be used.

#include "config/passfile.hpp"
#include "config/service_file.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <stdlib.h>

namespace {

using tusk::config::look_up_password;
using tusk::config::passfile_entry;

class config_files : public testing::Test
{
protected:
    config_files()
    {
        std::string name = std::filesystem::temp_directory_path() / "tusk-files-XXXXXX";
        folder = ::mkdtemp(name.data());
    }
    ~config_files() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    std::string write(const char* name, const std::string& text, unsigned mode = 0600) const
    {
        std::ofstream{folder / name} << text;
        std::filesystem::permissions(folder / name, static_cast<std::filesystem::perms>(mode));
        return folder / name;
    }

    static passfile_entry look_up(const std::string& file) { return look_up_password(file, "h", 5432, "d", "u"); }

    /// The refusal of a service, as text.
    std::string refusal(std::string_view service) const
    {
        try {
            static_cast<void>(read(service));
        } catch (const tusk::usage_error& said) {
            return said.what();
        }
        ADD_FAILURE() << "accepted";
        return {};
    }

    tusk::config::settings read(std::string_view service) const
    {
        const tusk::environment_reader nothing = [this](std::string_view name) -> std::optional<std::string> {
            if (name == "PGSYSCONFDIR")
                return folder / "none";
            return std::nullopt;
        };
        return tusk::config::read_service(service, {}, nothing, folder);
    }

    std::filesystem::path folder;
};

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

TEST_F(config_files, the_first_line_that_fits_gives_the_password)
{
    const std::string file = write("p", "h:5433:d:u:port\n*:*:other:*:database\nh:5432:d:u:yes\\:\\\\\n*:*:*:*:late\n");
    EXPECT_EQ(look_up(file).password, "yes:\\");
    EXPECT_EQ(look_up_password(file, "x", 5432, "other", "x").password, "database");
    EXPECT_EQ(look_up_password(file, "x", 1, "x", "x").password, "late");
    EXPECT_EQ(look_up(folder / "none").password, "");
    EXPECT_EQ(look_up(folder / "none").remark, "");
    EXPECT_EQ(look_up("").password, "");
}

TEST_F(config_files, the_usual_sockets_are_localhost)
{
    const std::string file = write("p", "localhost:*:*:*:local\n");
    EXPECT_EQ(look_up_password(file, "", 5432, "d", "u").password, "local");
    EXPECT_EQ(look_up_password(file, "/var/run/postgresql", 5432, "d", "u").password, "local");
    EXPECT_EQ(look_up_password(file, "/elsewhere", 5432, "d", "u").password, "");
}

TEST_F(config_files, a_password_file_that_others_can_read_or_that_is_none_is_ignored_and_it_is_said_why)
{
    for (const unsigned mode : {0640U, 0604U, 0620U, 0601U}) {
        const passfile_entry found = look_up(write("p", "*:*:*:*:secret\n", mode));
        EXPECT_EQ(found.password, "") << mode;
        EXPECT_TRUE(holds(found.remark, "chmod 0600")) << mode;
        EXPECT_FALSE(holds(found.remark, "secret"));
    }
    const passfile_entry directory = look_up(folder);
    EXPECT_EQ(directory.password, "");
    EXPECT_TRUE(holds(directory.remark, "not a regular file"));
}

TEST_F(config_files, a_refused_service_names_file_and_line_and_shows_no_value)
{
    EXPECT_TRUE(holds(refusal("s"), "\"s\" is not defined"));
    const std::string file = write(".pg_service.conf", "[s]\nuser=u\npasswort=secret\n");
    EXPECT_TRUE(holds(refusal("s"), file + "\", line 3"));
    EXPECT_FALSE(holds(refusal("s"), "secret"));
    EXPECT_TRUE(holds(refusal("t"), "\"t\" is not defined in"));
    write(".pg_service.conf", "[s]\nsecret\n");
    EXPECT_TRUE(holds(refusal("s"), "line 2: there is no '='"));
    EXPECT_FALSE(holds(refusal("s"), "secret"));
    write(".pg_service.conf", "[s]\nservice=t\n");
    EXPECT_TRUE(holds(refusal("s"), "cannot refer"));
    write(".pg_service.conf", std::string{"[s]\nuser=a\0b\n", 13});
    EXPECT_TRUE(holds(refusal("s"), "zero byte"));
}

TEST_F(config_files, a_service_gives_its_settings)
{
    write(".pg_service.conf", "# comment\n[other]\nuser=x\n[s]\n  host=h  \nuser = ignored?\n");
    EXPECT_TRUE(holds(refusal("s"), "no blank"));
    write(".pg_service.conf", "# comment\n[other]\nuser=x\n[s]\n  host=h  \nuser=a b\n\n#end\n[s]\nuser=y\n");
    const auto settings = read("s");
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings[0].key + "=" + settings[0].value, "host=h");
    EXPECT_EQ(settings[1].key + "=" + settings[1].value, "user=a b");
}

} // namespace
