// expect: this is for relations
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::selectinload<&user::email>(); }
