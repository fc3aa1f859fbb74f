// expect: these cannot be added
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return col<&user::name> + 1; }
