// expect: statements that are combined give the same types of values
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::union_(orm::select(col<&user::id>), orm::select(col<&user::name>)); }
