// expect: a value of this type cannot be compared with, assigned to or combined with
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return col<&user::id> > "5"; }
