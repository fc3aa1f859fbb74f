#pragma once

#include <tusk/driver/error.hpp>
#include <tusk/orm/migrate.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace tusk::test {

/// A folder of migrations for what needs no database.
class migrations_folder : public testing::Test
{
protected:
    void SetUp() override
    {
        static int number = 0;
        folder_ = std::filesystem::temp_directory_path() /
                  ("tusk_migrations_" + std::to_string(getpid()) + "_" + std::to_string(++number));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "versions");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& id, const std::string& parents, const std::string& upgrade = "",
               const std::string& downgrade = "", const std::string& header = "") const
    {
        std::ofstream{folder_ / "versions" / (id + ".sql")} << "-- revision: " << id << "\n-- parents: " << parents
                                                            << "\n"
                                                            << header << "\n-- [upgrade]\n"
                                                            << upgrade << "\n-- [downgrade]\n"
                                                            << downgrade << "\n";
    }

    [[nodiscard]] migrate::settings settings() const
    {
        migrate::settings made;
        made.directory = folder_;
        return made;
    }

    [[nodiscard]] migrate::migrator tool(migrate::steps also = {}) const
    {
        return migrate::migrator{orm::metadata{{}}, settings(), std::move(also)};
    }

    std::filesystem::path folder_;
};

/// @param pieces  What the refusal must say.
template <class Call, class... Piece>
void expect_refused(Call call, const Piece&... pieces)
{
    try {
        static_cast<void>(call());
        ADD_FAILURE() << "nothing was refused";
    } catch (const usage_error& refused) {
        const std::string_view said{refused.what()};
        for (const std::string_view piece : {std::string_view{pieces}...})
            EXPECT_NE(said.find(piece), std::string_view::npos) << "\"" << piece << "\" is not in: " << said;
    }
}

} // namespace tusk::test
