// expect: NULL is neither less nor greater than anything
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return col<&user::id> < std::nullopt; }
