#pragma once

#include "support/run.hpp"
#include "support/table_sketch.hpp"

#include <tusk/orm/migrate.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tusk::test {

/// A database and a folder of its own, in which the command line is run.
class migrations : public testing::Test
{
protected:
    void SetUp() override
    {
        static int number = 0;
        name_ = "migrations_" + std::to_string(getpid()) + "_" + std::to_string(++number);
        server().run_sql("CREATE DATABASE " + name_);
        folder_ = std::filesystem::temp_directory_path() / name_;
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "versions");
    }

    void TearDown() override
    {
        std::filesystem::remove_all(folder_);
        server().run_sql("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    }

    struct outcome {
        int status = 0;
        std::string out;
        std::string err;
    };

    /// `upgrade head` and the like, on this test's database and folder.
    outcome command(const orm::metadata& model, std::vector<std::string> arguments, const migrate::steps& also = {})
    {
        arguments.insert(arguments.end(), {"--url", url()});
        return command_elsewhere(model, std::move(arguments), also);
    }

    /// The same on whatever database the arguments name.
    outcome command_elsewhere(const orm::metadata& model, std::vector<std::string> arguments,
                              const migrate::steps& also = {})
    {
        const std::vector<std::string> common{"--dir", folder_.string()};
        arguments.insert(arguments.begin(), "migrate");
        arguments.insert(arguments.end(), common.begin(), common.end());
        std::vector<char*> pointers;
        for (std::string& each : arguments)
            pointers.push_back(each.data());
        pointers.push_back(nullptr);
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome made;
        made.status = migrate::main(static_cast<int>(arguments.size()), pointers.data(), model, also);
        made.err = testing::internal::GetCapturedStderr();
        made.out = testing::internal::GetCapturedStdout();
        return made;
    }

    /// The same, which must succeed. @returns What it printed.
    std::string done(const orm::metadata& model, const std::vector<std::string>& arguments,
                     const migrate::steps& also = {})
    {
        const outcome made = command(model, arguments, also);
        EXPECT_EQ(made.status, 0) << arguments.front() << ": " << made.out << made.err;
        return made.out;
    }

    /// The same, which must fail so. @returns What it complained about.
    std::string refused(const orm::metadata& model, const std::vector<std::string>& arguments, int status = 1)
    {
        const outcome made = command(model, arguments);
        EXPECT_EQ(made.status, status) << arguments.front() << ": " << made.out << made.err;
        return made.err;
    }

    std::string url() const
    {
        const std::string& whole = server().url();
        return whole + (whole.find('?') == std::string::npos ? "?" : "&") + "dbname=" + name_;
    }

    std::string sql(std::string_view statements) const
    {
        return server().run_sql("\\connect " + name_ + "\n" + std::string{statements});
    }

    /// Whether the server knows NULLS NOT DISTINCT (PostgreSQL 15).
    static bool has_nulls_not_distinct() { return std::stoi(server().run_sql("SHOW server_version_num")) >= 150'000; }

    /// Writes a revision by hand.
    void write(const std::string& id, const std::string& parents, const std::string& upgrade,
               const std::string& downgrade = "", const std::string& header = "")
    {
        std::ofstream{folder_ / "versions" / (id + ".sql")} << "-- revision: " << id << "\n-- parents: " << parents
                                                            << "\n-- message: " << id << "\n-- date: 2026\n"
                                                            << header << "\n-- [upgrade]\n\n"
                                                            << upgrade << "\n-- [downgrade]\n\n"
                                                            << downgrade << "\n";
    }

    /// The text of the newest revision that was generated.
    std::string generated(const std::string& out) const
    {
        const auto begin = out.find("Generating ") + 11;
        std::ifstream file{out.substr(begin, out.find(" ... done") - begin)};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::string name_;
    std::filesystem::path folder_;
};

inline void expect_has(std::string_view text, std::string_view piece)
{
    EXPECT_NE(text.find(piece), std::string_view::npos) << "\"" << piece << "\" is not in: " << text;
}

} // namespace tusk::test
