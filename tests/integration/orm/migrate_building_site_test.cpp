// Roles and databases where the model cannot be built for a comparison: what is missing, and what to do.
#include "migrate_fixture.hpp"

namespace {

using tusk::test::expect_has;
using tusk::test::sketched_metadata;
using tusk::test::table_sketch;
namespace orm = tusk::orm;

class migrate_building_site : public tusk::test::migrations
{
protected:
    static table_sketch users(const std::string& schema = "")
    {
        table_sketch made;
        made.name = "users";
        made.schema = schema;
        made.columns = {{.name = "id", .type = "bigint", .primary_key = true}};
        return made;
    }

    /// `check` by a role that owns nothing and may do nothing by itself.
    outcome check_as_guest(const orm::metadata& model)
    {
        const std::string socket = tusk::test::server().socket_url("u_trust");
        const std::string here = socket + (socket.find('?') == std::string::npos ? "?" : "&") + "dbname=" + name_;
        return command_elsewhere(model, {"check", "--url", here});
    }
};

TEST_F(migrate_building_site, neither_temporary_objects_nor_schemas)
{
    const orm::metadata model = sketched_metadata({users()});
    sql("REVOKE TEMP ON DATABASE " + name_ + " FROM PUBLIC");
    const outcome made = check_as_guest(model);
    EXPECT_EQ(made.status, 1);
    expect_has(made.err, "This role may create neither temporary objects nor schemas, so the model cannot be built for "
                         "the comparison: grant it TEMP on the database, or name a throw-away database with "
                         "--shadow-url");
    sql("GRANT TEMP ON DATABASE " + name_ + " TO u_trust");
    EXPECT_EQ(check_as_guest(model).status, 3); // as the message says
}

TEST_F(migrate_building_site, two_tables_of_one_name_and_no_schemas)
{
    const orm::metadata model = sketched_metadata({users("sales"), users("hr")});
    const outcome made = check_as_guest(model);
    EXPECT_EQ(made.status, 1);
    expect_has(made.err, "Tables of two schemas have the same name, so the model cannot be built among the temporary "
                         "objects, and this role may not create schemas: grant it CREATE on the database, or name a "
                         "throw-away database with --shadow-url");
    sql("GRANT CREATE ON DATABASE " + name_ + " TO u_trust");
    EXPECT_EQ(check_as_guest(model).status, 3);
}

TEST_F(migrate_building_site, a_search_path_that_leads_nowhere)
{
    const orm::metadata model = sketched_metadata({users()});
    sql("ALTER DATABASE " + name_ + " SET search_path = nowhere");
    expect_has(refused(model, {"check"}),
               "The search path of this role leads to no schema: set it, or create the schema");
    sql("CREATE SCHEMA nowhere");
    EXPECT_EQ(command(model, {"check"}).status, 3);
}

} // namespace
