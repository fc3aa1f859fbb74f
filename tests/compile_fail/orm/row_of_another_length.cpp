// expect: a row has as many values as columns are named
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::insert_into<user>(col<&user::name>, col<&user::email>).values("ann"); }
