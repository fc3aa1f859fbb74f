// Steps in C++ belong to revisions by their ids, and wrong ids are told.
#include "migrate_folder.hpp"

namespace {

using tusk::test::expect_refused;
namespace migrate = tusk::migrate;

class migrate_steps : public tusk::test::migrations_folder
{
protected:
    static asio::awaitable<void> nothing(tusk::transaction& /*in*/) { co_return; }
};

TEST_F(migrate_steps, a_revision_has_one)
{
    migrate::steps also;
    also.add("aaaa1", nothing).add("bbbb2", nothing);
    expect_refused([&] { return &also.add("aaaa1", nothing); }, "Revision aaaa1 has a step in C++ already");
}

TEST_F(migrate_steps, one_for_a_revision_that_is_not_there_is_told)
{
    write("aaaa1", "none");
    migrate::steps also;
    also.add("aaaa2", nothing);
    const migrate::migrator wrong = tool(also);
    const char* const said = "There is a step in C++ for revision aaaa2, which is none of the files here: correct the "
                             "id that it is added for, or bring the file back";
    expect_refused([&] { return wrong.upgrade_script("head"); }, said);
    expect_refused([&] { return wrong.downgrade_script("head:base"); }, said);
}

TEST_F(migrate_steps, a_script_cannot_hold_one)
{
    write("aaaa1", "none");
    migrate::steps also;
    also.add("aaaa1", nothing);
    expect_refused([&] { return tool(also).upgrade_script("head"); },
                   "Revision aaaa1 has a step in C++, which a script cannot hold: run it online");
    expect_refused([&] { return tool(also).downgrade_script("head:base"); },
                   "Revision aaaa1 has a step in C++, which a script cannot hold: run it online");
}

} // namespace
