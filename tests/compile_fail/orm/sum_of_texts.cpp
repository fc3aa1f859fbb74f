// expect: sum\(\) is for numbers and intervals
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::sum(col<&user::name>); }
