// expect: these two expressions have values of different kinds
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return col<&user::email> == col<&user::id>; }
