// The command line through a proxy that hands sessions round: every command that needs one session says so at once.
#include "migrate_fixture.hpp"
#include "support/pgbouncer.hpp"

#include <array>

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
namespace orm = tusk::orm;

class migrate_proxy : public tusk::test::migrations
{
protected:
    orm::metadata none = sketched_metadata({});
};

TEST_F(migrate_proxy, commands_that_need_a_session_are_refused)
{
    if (const std::string why = tusk::test::pgbouncer::missing(); !why.empty())
        GTEST_SKIP() << why;
    const tusk::test::pgbouncer proxy{2};
    const std::array<std::vector<std::string>, 6> commands{{{"upgrade", "head"},
                                                            {"downgrade", "base"},
                                                            {"stamp", "head"},
                                                            {"current"},
                                                            {"check"},
                                                            {"revision", "--autogenerate", "-m", "x"}}};
    // Twice, because the sessions behind the proxy still have what the first round prepared.
    for (int round = 0; round < 2; ++round)
        for (std::vector<std::string> each : commands) {
            SCOPED_TRACE(each.front());
            each.insert(each.end(), {"--url", proxy.url()});
            const auto made = command_elsewhere(none, each);
            EXPECT_EQ(made.status, 1) << made.out;
            expect_has(made.err, "This connection goes through a proxy");
            expect_has(made.err, "--allow-proxy");
            EXPECT_EQ(made.out, "");
        }
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "versions"));
}

} // namespace
