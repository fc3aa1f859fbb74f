// expect: in\(\) takes a statement whose values can be compared with the expression
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return col<&user::id>.in(orm::select(col<&user::name>)); }
