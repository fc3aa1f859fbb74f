// expect: a condition is a boolean expression
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::select<user>().where(col<&user::name>); }
